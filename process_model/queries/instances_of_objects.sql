-- The instances that hold any of the objects.
SELECT instance_id, version
FROM instances FINAL
WHERE dataset = {dataset:String} AND hasAny(objects.key, {object_keys:Array(String)})
