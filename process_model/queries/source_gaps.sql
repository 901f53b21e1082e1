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
        SELECT toString(source) AS source, arraySort(arrayFilter(m -> m <= toFloat64({until:DateTime64(6, 'UTC')}),
            arrayFlatten(groupArray(told)))) AS moments
        FROM
        (
            SELECT source,
                arrayMap(i -> toFloat64(toUnixTimestamp(hour)) + 60 * i, bitPositionsToArray(groupBitOr(minutes))) AS told
            FROM source_hours
            WHERE dataset = {dataset:String} AND source IN {sources:Array(String)}
                AND hour >= toStartOfHour({since:DateTime64(6, 'UTC')}) AND hour <= {until:DateTime64(6, 'UTC')}
            GROUP BY source, hour
            UNION ALL
            -- the last it told before the period
            SELECT source, [toFloat64(max(last_event_time))] AS told
            FROM source_hours
            WHERE dataset = {dataset:String} AND source IN {sources:Array(String)}
                AND hour < toStartOfHour({since:DateTime64(6, 'UTC')})
            GROUP BY source
        )
        GROUP BY source
        HAVING notEmpty(moments)
    )
)
ORDER BY source, told
