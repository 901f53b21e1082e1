-- Those of some ids that are instances.
SELECT instance_id
FROM instances FINAL
WHERE dataset = {dataset:String} AND instance_id IN {instance_ids:Array(String)}
