-- How long each source was silent beyond its limit within the period; the silence up to its end counts too.
WITH
    toUnixTimestamp64Micro({since:DateTime64(6, 'UTC')}) / 1e6 AS period_begin,
    toUnixTimestamp64Micro({until:DateTime64(6, 'UTC')}) / 1e6 AS period_end
SELECT source,
    arraySum((told, next) -> greatest(0., least(next, period_end) - greatest(told + silence_limit, period_begin)),
        moments, arrayPushBack(arrayPopFront(moments), period_end)) AS seconds
FROM
(
    SELECT source, transform(toString(source), {sources:Array(String)}, {limits:Array(Float64)}, 0.) AS silence_limit,
        arraySort(groupUniqArray(toFloat64(toUnixTimestamp(minute)))) AS moments
    FROM source_minutes
    WHERE dataset = {dataset:String} AND minute <= {until:DateTime64(6, 'UTC')} AND source IN {sources:Array(String)}
    GROUP BY source
)
