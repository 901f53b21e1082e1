-- The events that speak of some objects, or prove a link of theirs.
SELECT event_hash
FROM event_objects
WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)}
UNION DISTINCT
SELECT event_hash
FROM link_ends
WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)}
