-- Those of some keys that events speak of.
SELECT DISTINCT object_key
FROM event_objects
WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)}
