-- Tombstones for the instances of a dataset that a growth did not write again.
INSERT INTO instances (dataset, instance_id, version, deleted)
SELECT dataset, instance_id, {version:UInt64}, 1
FROM instances FINAL
WHERE dataset = {dataset:String} AND version < {version:UInt64}
