-- number: K2
-- title: Quotes won
-- unit: share
-- better: higher
-- value: ratio
-- formula: quote families accepted or ordered, divided by quote families decided (accepted, declined, rejected, expired or lost)
-- cohort: start, business time of the family's first quote
-- needs: quote.created, quote.accepted
-- minimum: 5
-- stage: acceptance
SELECT
    instance_id AS item, 'acceptance' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    quoted_at AS moment,
    toUInt8(won) AS hit,
    CAST(NULL AS Nullable(Float64)) AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    amount, currency, toDate(quoted_at) AS dated_at
FROM
(
    SELECT
        instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency, status,
        has(stages.name, 'quote') AS quoted, span.1 AS since, span.2 AS at,
        arrayMin(arrayFilter((e, s) -> s = 'quote', stages.entered_at, stages.name)) AS quoted_at,
        arrayExists((s, c) -> s IN ('acceptance', 'order') AND ifNull(c < span.2, 0), stages.name, stages.completed_at) AS won
    FROM instances FINAL
    ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
WHERE quoted AND (won OR status = 'withdrawn')
    AND quoted_at >= since AND quoted_at < at
