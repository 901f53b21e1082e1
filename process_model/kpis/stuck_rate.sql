-- number: K35
-- title: Stuck promises
-- unit: share
-- better: lower
-- value: ratio
-- formula: promises still open at the end of the period, divided by all promises whose deadline fell within it
-- cohort: end, the deadline
-- needs: quote.accepted, order.created, invoice.posted, payment.applied
-- minimum: 5
SELECT
    concat(wait, ' ', waited) AS item, wait AS stage,
    region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    assumeNotNull(due_at) AS moment,
    toUInt8(ifNull(completed_at >= span.2, 1)) AS hit,
    if(hit, dateDiff('microsecond', due_at, span.2) / 1e6, NULL) AS seconds,
    toUInt8(ifNull(completed_at > due_at, 1)) AS breached,
    waited_amount AS amount, waited_currency AS currency, toDate(wait_dated_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, waited, completed_at, due_at, state, waited_amount, waited_currency, wait_dated_at
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS waited, stages.completed_at AS completed_at, stages.due_at AS due_at,
        stages.state AS state, stages.amount AS waited_amount, stages.currency AS waited_currency,
        stages.dated_at AS wait_dated_at
    WHERE dataset = {dataset:String} AND __PATH__ AND opened_at < {at:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE state NOT IN ('skipped', 'withdrawn')
    AND ifNull(due_at >= span.1 AND due_at < span.2, 0)
