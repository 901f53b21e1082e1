-- The instances that no recomputation since a number has written.
SELECT instance_id
FROM instances FINAL
WHERE dataset = {dataset:String} AND version < {version:UInt64}
