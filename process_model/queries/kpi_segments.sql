-- Counts the cases that KPIs select by every value of all six segments at once, now and in the period before: an item once in each
-- value that its cases have.
WITH
cases AS
(
__KPIS__
)
SELECT
    kpi,
    if(earlier, 'before', 'now') AS part,
    toDateTime(0, 'UTC') AS bucket,
    '' AS stage_of,
    arrayJoin(arrayFilter(name -> NOT endsWith(name, '='), arrayDistinct(arrayFlatten(arrayMap(one -> [
        concat('region=', one.1), concat('business_unit=', one.2), concat('legal_entity=', one.3), concat('product_family=', one.4),
        concat('sales_channel=', one.5), concat('customer_tier=', one.6)], segments))))) AS segment,
    sum(every) AS n,
    sum(hit_of) AS hits,
    sum(breached_of) AS breaches,
    sum(timed_of) AS timed,
    sum(lasted) AS total_seconds,
    quantilesExactInclusiveMerge(0.5, 0.9, 0.95)(spread) AS quantiles,
    0 AS priced_items
FROM
(
    SELECT
        kpi, earlier, segments,
        count() AS every, sum(hit) AS hit_of, sum(breached) AS breached_of, count(seconds) AS timed_of, sum(seconds) AS lasted,
        quantilesExactInclusiveState(0.5, 0.9, 0.95)(seconds) AS spread
    FROM
    (
        SELECT
            kpi, moment < {turn:DateTime64(6, 'UTC')} AS earlier, any(hit) AS hit, any(seconds) AS seconds, any(breached) AS breached,
            groupUniqArray((region, business_unit, legal_entity, product_family, sales_channel, customer_tier)) AS segments
        FROM cases
        WHERE __SEGMENTS__
        GROUP BY kpi, earlier, cityHash64(item)
    )
    GROUP BY kpi, earlier, segments
)
GROUP BY kpi, part, segment
ORDER BY kpi, part, segment
