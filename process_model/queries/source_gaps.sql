-- The gaps of sources that reach into a period and are longer than a limit of their own, as unix seconds of the minutes
-- between which nothing was told; the gap up to the period's end is one too.
SELECT source, gap.1 AS told, gap.2 AS next
FROM
(
    SELECT
        source,
        transform(source, {sources:Array(String)}, {limits:Array(Float64)}, 0.) AS shortest,
        arrayJoin(arrayFilter(pair -> pair.2 - pair.1 > shortest,
            arrayZip(moments, arrayPushBack(arrayPopFront(moments), toFloat64({until:DateTime64(6, 'UTC')}))))) AS gap
    FROM
    (
        SELECT
            toString(source) AS source,
            maxIf(toFloat64(last_event), hour < toStartOfHour({since:DateTime64(6, 'UTC')})) AS before,
            arraySort(arrayFilter(m -> m > 0 AND m <= toFloat64({until:DateTime64(6, 'UTC')}), arrayPushFront(arrayFlatten(
                groupArrayIf(
                    arrayMap(i -> toFloat64(toUnixTimestamp(hour)) + 60 * i, arrayFilter(i -> bitTest(active, i), range(60))),
                    hour >= toStartOfHour({since:DateTime64(6, 'UTC')}))), before))) AS moments
        FROM
        (
            SELECT source, hour, groupBitOr(minutes) AS active, max(last_event_time) AS last_event
            FROM source_hours
            WHERE dataset = {dataset:String} AND source IN {sources:Array(String)} AND hour <= {until:DateTime64(6, 'UTC')}
            GROUP BY source, hour
        )
        GROUP BY source
    )
    WHERE notEmpty(moments)
)
ORDER BY source, told
