-- title: Cases waiting
-- unit: cases
-- better: lower
-- value: count
-- formula: open cases, each at its current stage (the earliest one that it must complete and has not); those past the limit of that stage are breached; percentiles are of the age of that wait
-- cohort: now, business time
-- needs: quote.created, quote.accepted, order.created, fulfilment.completed, invoice.posted, payment.applied
-- ages: 1d 3d 7d 30d
SELECT
    instance_id AS item, waits_in AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', current.2, moment) / 1e6 AS seconds,
    toUInt8(ifNull(current.3 < moment, 0)) AS breached,
    amount, currency, toDate(opened_at) AS dated_at
FROM
(
    SELECT
        instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
        opened_at, moment,
        arraySort(arrayFilter(wait -> wait.1 > 0 AND wait.2 <= moment AND ifNull(wait.4 > moment, 1), waits))[1] AS current,
        {stages:Array(String)}[current.1] AS waits_in
    FROM
    (
        SELECT
            instance_id, region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
            opened_at, status, last_event_at,
            arrayMap((s, e, d, c, t) -> (if(t IN ('skipped', 'withdrawn') OR s IN {optional:Array(String)}, 0,
                indexOf({stages:Array(String)}, toString(s))), e, d, c),
                stages.name, stages.entered_at, stages.due_at, stages.completed_at, stages.state) AS waits
        FROM instances FINAL
        WHERE dataset = {dataset:String} AND __PATH__ AND opened_at < {at:DateTime64(6, 'UTC')}
            AND (status = 'open' OR last_event_at >= {moments:Array(DateTime64(6, 'UTC'))}[1])
    )
    ARRAY JOIN arrayFilter(m -> opened_at <= m AND (status = 'open' OR last_event_at > m), {moments:Array(DateTime64(6, 'UTC'))})
        AS moment
)
WHERE current.1 > 0
