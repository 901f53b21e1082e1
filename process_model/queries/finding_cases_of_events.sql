-- The cases in which some events stand.
SELECT instance_id, arrayDistinct(arrayFilter(hash -> hash IN {hashes:Array(UInt64)}, `events.hash`)) AS hashes
FROM instances FINAL
WHERE dataset = {dataset:String} AND notEmpty(hashes)
ORDER BY instance_id
