-- number: K36
-- title: Cases with every milestone
-- unit: share
-- better: higher
-- value: ratio
-- formula: cases whose every mandatory milestone up to the payment of the last invoice was told, divided by cases whose last invoice was paid
-- cohort: end, business time of the last payment
-- needs: payment.applied
-- minimum: 5
SELECT
    instance_id AS item, 'payment' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    paid_at AS moment,
    toUInt8(NOT lacking) AS hit,
    CAST(NULL AS Nullable(Float64)) AS seconds,
    toUInt8(lacking) AS breached,
    amount, currency, toDate(opened_at) AS dated_at
FROM
(
    SELECT
        instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency, opened_at,
        arrayMap(c -> assumeNotNull(c),
            arrayFilter((c, s) -> s = 'payment' AND c IS NOT NULL, stages.completed_at, stages.name)) AS payments,
        arrayMax(payments) AS paid_at,
        arrayExists((s, t) -> s IN ('invoice', 'payment') AND t = 'open', stages.name, stages.state) AS waits,
        -- what was paid and never delivered still waits for its delivery; an order without its acceptance skipped it
        arrayExists((s, t) -> t IN ('open', 'skipped') AND s NOT IN {optional:Array(String)}, stages.name, stages.state) AS lacking
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE notEmpty(payments) AND NOT waits AND paid_at >= span.1 AND paid_at < span.2
