-- Some of the instances of some customers, the newest first.
SELECT instance_id
FROM instances FINAL
WHERE dataset = {dataset:String} AND customer IN {object_keys:Array(String)}
ORDER BY last_event_at DESC, instance_id
LIMIT 100
