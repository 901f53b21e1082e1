-- The cases that some objects belong to.
SELECT DISTINCT instance_id, arrayJoin(arrayIntersect(`objects.key`, {object_keys:Array(String)})) AS object
FROM instances FINAL
WHERE dataset = {dataset:String} AND hasAny(`objects.key`, {object_keys:Array(String)})
ORDER BY instance_id, object
