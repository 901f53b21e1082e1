-- number: K12
-- title: Exception backlog
-- unit: objects
-- better: lower
-- value: count
-- formula: exceptions raised and not resolved; percentiles are of their age
-- cohort: now, business time
-- needs: exception.raised
-- ages: 4h 1d 3d 7d
SELECT
    concat(id, ' ', trouble_of) AS item, trouble_stage AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', raised_at, moment) / 1e6 AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    trouble_amount AS amount, trouble_currency AS currency, toDate(raised_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        id, trouble_of, trouble_stage, raised_at, resolved_at, trouble_amount, trouble_currency
    FROM instances FINAL
    ARRAY JOIN
        exceptions.id AS id, exceptions.object AS trouble_of, exceptions.stage AS trouble_stage,
        exceptions.raised_at AS raised_at, exceptions.resolved_at AS resolved_at, exceptions.amount AS trouble_amount, exceptions.currency AS trouble_currency
    WHERE dataset = {dataset:String} AND __PATH__
)
ARRAY JOIN arrayFilter(m -> raised_at <= m AND ifNull(resolved_at > m, 1), {moments:Array(DateTime64(6, 'UTC'))}) AS moment
