-- The instances that hold any of the objects, and all that each holds.
SELECT instance_id, names AS object_keys
FROM instances FINAL
WHERE dataset = {dataset:String} AND arrayExists(name -> name IN {object_keys:Array(String)}, names)
    AND instance_id IN
    (
        SELECT instance_id
        FROM instance_objects
        WHERE dataset = {dataset:String} AND object_key IN {object_keys:Array(String)}
    )
