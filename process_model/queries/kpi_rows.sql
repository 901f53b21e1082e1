-- Counts the cases that KPIs select (their own files stand in the first parentheses): each item once in its part, bucket and
-- segment, and money in the reporting currency by the rate of the document's date wherever a rate is known. A part is the
-- period now, the period before, or the run of now by buckets; which an item belongs to, its moment says.
WITH
cases AS
(
__KPIS__
),
items AS
(
    -- a document that several instances share stands in each of them: its facts once, its shares added
    SELECT
        kpi, stage_of, segment, look, stands,
        min(moment) AS at, any(hit) AS hit, any(seconds) AS seconds, any(breached) AS breached,
        sum(amount) AS amount, any(currency) AS currency, any(dated_at) AS dated_at
    FROM
    (
        SELECT
            *,
            __STAGE__ AS stage_of,
            __SEGMENT__ AS segment,
            multiIf(stands, moment, moment < {turn:DateTime64(6, 'UTC')}, toDateTime64(0, 6, 'UTC'), {turn:DateTime64(6, 'UTC')})
                AS look
        FROM cases
        WHERE __SEGMENTS__
    )
    GROUP BY kpi, stage_of, segment, look, stands, cityHash64(item)
),
days AS
(
    -- what has one rate is added before it is converted
    SELECT
        kpi, stage_of, at < {turn:DateTime64(6, 'UTC')} AS earlier, stands AND at != {last:DateTime64(6, 'UTC')} AS passing,
        toDateTime(dateTrunc({grain:String}, at), 'UTC') AS begin, segment,
        currency, dated_at,
        count() AS every, sum(hit) AS hit_of, sum(breached) AS breached_of, count(seconds) AS timed_of, sum(seconds) AS lasted,
        quantilesExactInclusiveState(0.5, 0.9, 0.95)(seconds) AS spread,
        count(amount) AS priced_of, sum(amount) AS worth, sum(seconds * toFloat64(amount)) AS weighted
    FROM items
    GROUP BY kpi, stage_of, earlier, passing, begin, segment, currency, dated_at
),
known_rates AS
(
    SELECT currency, valid_from, rate
    FROM rates FINAL
    WHERE reporting_currency = {reporting_currency:String}
),
priced AS
(
    SELECT
        days.*,
        multiIf(
            days.currency = {reporting_currency:String}, toDecimal128(1, 12),
            known_rates.rate = 0, NULL,
            known_rates.rate) AS rate
    FROM days
    ASOF LEFT JOIN known_rates ON days.currency = known_rates.currency AND days.dated_at >= known_rates.valid_from
)
SELECT
    kpi,
    arrayJoin(multiIf(earlier, ['before'], passing, ['run'], ['now', 'run'])) AS part,
    if(part = 'run', begin, toDateTime(0, 'UTC')) AS bucket,
    stage_of,
    segment,
    sum(every) AS n,
    sum(hit_of) AS hits,
    sum(breached_of) AS breaches,
    sum(timed_of) AS timed,
    sum(lasted) AS total_seconds,
    quantilesExactInclusiveMerge(0.5, 0.9, 0.95)(spread) AS quantiles,
    sum(priced_of) AS priced_items,
    sumIf(priced_of, rate IS NULL) AS unconverted,
    sum(toDecimal256(worth, 6) * rate) AS converted_amount,
    sum(weighted * toFloat64(rate)) AS weighted_seconds,
    sumMapIf(map(toString(currency), toDecimal256(assumeNotNull(worth), 6)), priced_of > 0) AS amounts
FROM priced
WHERE part IN {parts:Array(String)}
GROUP BY kpi, part, bucket, stage_of, segment
ORDER BY kpi, part, bucket, stage_of, segment
