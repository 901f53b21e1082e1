-- What links hold together with some objects; a conversation alone holds nothing.
SELECT DISTINCT other_key
FROM link_ends
WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)} AND kind != 'conversation'
