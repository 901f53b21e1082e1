-- The events that speak of some objects.
SELECT DISTINCT event_hash
FROM event_objects
WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)}
