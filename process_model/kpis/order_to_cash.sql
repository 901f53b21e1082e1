-- number: K34
-- title: Order to cash
-- unit: seconds
-- better: lower
-- value: median
-- formula: median time from a case's first order to the payment of its last invoice; cases that still wait for one are not in it
-- cohort: end, business time of the last payment
-- needs: order.created, payment.applied
-- minimum: 5
-- stage: payment
SELECT
    instance_id AS item, 'payment' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    paid_at AS moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', ordered_at, paid_at) / 1e6 AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    amount, currency, toDate(ordered_at) AS dated_at
FROM
(
    SELECT
        instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
        arrayMap(c -> assumeNotNull(c),
            arrayFilter((c, s) -> s = 'order' AND c IS NOT NULL, stages.completed_at, stages.name)) AS orders,
        arrayMap(c -> assumeNotNull(c),
            arrayFilter((c, s) -> s = 'payment' AND c IS NOT NULL, stages.completed_at, stages.name)) AS payments,
        arrayExists((s, t) -> s IN ('fulfilment', 'invoice', 'payment') AND t = 'open', stages.name, stages.state) AS waits,
        arrayMin(orders) AS ordered_at,
        arrayMax(payments) AS paid_at
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE notEmpty(orders) AND notEmpty(payments) AND NOT waits
    AND paid_at >= span.1 AND paid_at < span.2
