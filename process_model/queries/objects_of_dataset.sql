-- Every object that events of a dataset speak of.
SELECT DISTINCT object_key
FROM event_objects
WHERE dataset = {dataset:String}
