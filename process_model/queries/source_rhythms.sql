-- How the sources that ever delivered some event types moved, all their events counted, until a moment.
SELECT source, min(minute) AS first, uniqExact(minute) AS minutes,
    arrayReverseSort(arrayPopFront(arrayDifference(arraySort(groupUniqArray(toUnixTimestamp(minute))))))[3]
        AS third_longest_gap
FROM source_minutes
WHERE dataset = {dataset:String} AND minute <= {until:DateTime64(6, 'UTC')}
    AND source IN
    (
        SELECT source
        FROM source_minutes
        WHERE dataset = {dataset:String} AND type IN {types:Array(String)}
    )
GROUP BY source
ORDER BY source
