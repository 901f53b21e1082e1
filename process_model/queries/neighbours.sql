-- What links hold together with some objects, and the conversations that they were spoken of in.
SELECT DISTINCT object_key, other_key, kind, direction
FROM link_ends
WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)}
