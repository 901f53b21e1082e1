-- number: K4
-- title: Age of open quotes
-- unit: seconds
-- better: lower
-- value: mean
-- formula: sum of the ages of open quote families (from their first quote to now), divided by their number
-- cohort: now, business time
-- needs: quote.created, quote.accepted
-- minimum: 1
-- stage: acceptance
-- ages: 8d 15d 31d 61d
SELECT
    instance_id AS item, 'acceptance' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', quoted_at, moment) / 1e6 AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    amount, currency, toDate(quoted_at) AS dated_at
FROM
(
    SELECT
        instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
        has(stages.name, 'quote') AS quoted,
        arrayMin(arrayFilter((e, s) -> s = 'quote', stages.entered_at, stages.name)) AS quoted_at,
        -- a quote stops being open by its acceptance, or by an order where the acceptance was skipped
        arrayFilter((c, s) -> s IN ('acceptance', 'order') AND c IS NOT NULL, stages.completed_at, stages.name) AS decided
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND __PATH__ AND status != 'withdrawn'
)
ARRAY JOIN arrayFilter(m -> quoted_at <= m AND NOT arrayExists(d -> ifNull(d <= m, 0), decided),
    {moments:Array(DateTime64(6, 'UTC'))}) AS moment
WHERE quoted
