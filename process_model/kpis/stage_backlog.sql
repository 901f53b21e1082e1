-- title: Waiting in stage
-- unit: objects
-- better: lower
-- value: count
-- formula: documents that wait in a stage; those past their limit are breached; percentiles are of their age
-- cohort: now, business time
-- needs: quote.created, quote.accepted, order.created, fulfilment.completed, invoice.posted, payment.applied
-- ages: 1d 3d 7d 30d
SELECT
    concat(wait, ' ', waited) AS item, wait AS stage,
    region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', entered_at, moment) / 1e6 AS seconds,
    toUInt8(ifNull(due_at < moment, 0)) AS breached,
    waited_amount AS amount, waited_currency AS currency, toDate(wait_dated_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, waited, entered_at, completed_at, due_at, state, waited_amount, waited_currency, wait_dated_at
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS waited, stages.entered_at AS entered_at, stages.completed_at AS completed_at,
        stages.due_at AS due_at, stages.state AS state, stages.amount AS waited_amount, stages.currency AS waited_currency,
        stages.dated_at AS wait_dated_at
    WHERE dataset = {dataset:String} AND __PATH__
        AND (status != 'completed' OR last_event_at >= {moments:Array(DateTime64(6, 'UTC'))}[1])
)
ARRAY JOIN arrayFilter(m -> entered_at <= m AND ifNull(completed_at > m, 1), {moments:Array(DateTime64(6, 'UTC'))}) AS moment
WHERE state NOT IN ('skipped', 'withdrawn')
