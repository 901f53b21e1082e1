-- number: K40
-- title: Revenue at risk
-- unit: money
-- better: lower
-- value: amount
-- formula: value of the open cases that have a promise or a hand-over past its deadline, each case once
-- cohort: now, business time
-- needs: quote.accepted, order.created, invoice.posted, payment.applied
SELECT
    instance_id AS item, stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    CAST(NULL AS Nullable(Float64)) AS seconds,
    toUInt8(1) AS breached,
    amount, currency, toDate(opened_at) AS dated_at
FROM
(
    SELECT
        instance_id, stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        amount, currency, opened_at, status, last_event_at,
        -- from when to when each deadline was missed
        arrayConcat(
            arrayMap((d, c) -> (assumeNotNull(d), ifNull(c, toDateTime64('2261-01-01', 6, 'UTC'))),
                arrayFilter((d, s) -> d IS NOT NULL AND s NOT IN ('skipped', 'withdrawn'), stages.due_at, stages.state),
                arrayFilter((c, d, s) -> d IS NOT NULL AND s NOT IN ('skipped', 'withdrawn'),
                    stages.completed_at, stages.due_at, stages.state)),
            arrayMap((d, c) -> (d, ifNull(c, toDateTime64('2261-01-01', 6, 'UTC'))), syncs.due_at, syncs.first_success_at))
            AS missed
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND __PATH__ AND status != 'withdrawn'
        AND (status = 'open' OR last_event_at >= {moments:Array(DateTime64(6, 'UTC'))}[1])
)
ARRAY JOIN arrayFilter(m -> (status = 'open' OR last_event_at > m) AND arrayExists(span -> span.1 < m AND span.2 > m, missed),
    {moments:Array(DateTime64(6, 'UTC'))}) AS moment
