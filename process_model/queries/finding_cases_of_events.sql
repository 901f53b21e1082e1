-- The cases in which some events stand.
SELECT instance_id, arrayIntersect(`events.hash`, {hashes:Array(UInt64)}) AS hashes
FROM instances FINAL
WHERE dataset = {dataset:String} AND hasAny(`events.hash`, {hashes:Array(UInt64)})
ORDER BY instance_id
