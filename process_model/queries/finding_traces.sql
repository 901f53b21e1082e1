-- The stage-bearing event types of every case that was not given up, and when they happened, in seconds since 1970.
SELECT instance_id, region, arrayMap(fact -> fact.1, facts) AS activities,
    arrayMap(fact -> toUnixTimestamp64Micro(fact.2) / 1e6, facts) AS moments
FROM
(
    SELECT instance_id, region, arrayFilter(fact -> fact.2 <= {as_of:DateTime64(6, 'UTC')}, arrayZip(activities, times)) AS facts
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND status != 'withdrawn'
)
WHERE notEmpty(facts)
