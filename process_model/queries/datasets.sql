-- Every dataset: how much it holds, from when to when, and what it was imported from.
SELECT
    dataset, any(held.events) AS events, any(held.first_event_at) AS first_event_at, any(held.last_event_at) AS last_event_at,
    any(grown.instances) AS instances, any(told.files) AS files, any(told.formats) AS formats,
    any(told.imported_at) AS imported_at, any(told.leading_type) AS leading_type, any(told.is_mapped) AS is_mapped,
    any(told.rejected) AS rejected, any(told.unfinished) AS unfinished
FROM
(
    SELECT dataset FROM business_events GROUP BY dataset
    UNION DISTINCT
    SELECT dataset FROM imports GROUP BY dataset
) AS named
LEFT JOIN
(
    -- a fact told by span and event, or in two versions, is counted once by the case; here every identity counts once
    SELECT dataset, uniqExact(event_hash) AS events, toNullable(min(event_time)) AS first_event_at,
        toNullable(max(event_time)) AS last_event_at
    FROM business_events
    GROUP BY dataset
) AS held USING (dataset)
LEFT JOIN
(
    SELECT dataset, count() AS instances
    FROM instances FINAL
    GROUP BY dataset
) AS grown USING (dataset)
LEFT JOIN
(
    SELECT dataset, arrayDistinct(arrayFlatten(groupArray(files))) AS files, groupUniqArray(format) AS formats,
        toNullable(max(started_at)) AS imported_at, argMax(leading_type, started_at) AS leading_type,
        toUInt8(argMax(notEmpty(mapping), started_at)) AS is_mapped, sum(arraySum(mapValues(rejected))) AS rejected,
        countIf(isNull(finished_at)) AS unfinished
    FROM imports FINAL
    GROUP BY dataset
) AS told USING (dataset)
GROUP BY dataset
ORDER BY dataset = 'live' DESC, dataset
