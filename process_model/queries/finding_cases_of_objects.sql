-- The cases that some objects belong to.
SELECT DISTINCT instance_id, arrayJoin(arrayFilter(key -> key IN {object_keys:Array(String)}, `objects.key`)) AS object
FROM instances FINAL
WHERE dataset = {dataset:String}
ORDER BY instance_id, object
