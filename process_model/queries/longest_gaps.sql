-- The third longest gap between two active minutes of some sources, in seconds; 0 with fewer than three gaps.
SELECT source,
    arrayReverseSort(arrayPopFront(arrayDifference(arraySort(arrayFlatten(groupArray(
        arrayMap(i -> toFloat64(toUnixTimestamp(hour)) + 60 * i, arrayFilter(i -> bitTest(active, i), range(60)))))))))[3]
        AS third_longest
FROM
(
    SELECT source, hour, groupBitOr(minutes) AS active
    FROM source_hours
    WHERE dataset = {dataset:String} AND source IN {sources:Array(String)} AND hour <= {until:DateTime64(6, 'UTC')}
    GROUP BY source, hour
)
GROUP BY source
