-- Every object that events of a dataset speak of or link.
SELECT object_key
FROM event_objects
WHERE dataset = {dataset:String}
UNION DISTINCT
SELECT object_key
FROM link_ends
WHERE dataset = {dataset:String} AND kind != 'conversation'
