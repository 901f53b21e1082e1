-- number: K8
-- title: Quote to order cycle
-- unit: seconds
-- better: lower
-- value: mean
-- formula: sum of the times from a family's first quote to its first order, divided by the families that were ordered
-- cohort: end, business time of the first order
-- needs: quote.created, order.created
-- minimum: 5
-- stage: order
SELECT
    instance_id AS item, 'order' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    ordered_at AS moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', quoted_at, ordered_at) / 1e6 AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    amount, currency, toDate(quoted_at) AS dated_at
FROM
(
    SELECT
        instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
        arrayFilter((e, s) -> s = 'quote', stages.entered_at, stages.name) AS quotes,
        arrayMap(c -> assumeNotNull(c),
            arrayFilter((c, s) -> s = 'order' AND c IS NOT NULL, stages.completed_at, stages.name)) AS orders,
        arrayMin(quotes) AS quoted_at,
        arrayMin(orders) AS ordered_at
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE notEmpty(quotes) AND notEmpty(orders)
    AND ordered_at >= span.1 AND ordered_at < span.2
