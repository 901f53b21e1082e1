-- The stage-bearing event types of every case that was not given up, and when they happened, in seconds since 1970.
SELECT instance_id, region, activities, arrayMap(time -> toUnixTimestamp64Micro(time) / 1e6, times) AS moments
FROM instances FINAL
WHERE dataset = {dataset:String} AND notEmpty(activities) AND status != 'withdrawn'
