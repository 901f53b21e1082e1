-- The objects of an id as people say it, in any type and namespace.
SELECT DISTINCT object_key
FROM object_names
WHERE dataset = {dataset:String} AND name = lowerUTF8({any_id:String})
LIMIT 100
