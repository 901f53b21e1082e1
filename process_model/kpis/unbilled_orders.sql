-- number: K26
-- title: Unbilled orders
-- unit: money
-- better: lower
-- value: amount
-- formula: value of the orders that wait for their invoice: delivered, or due to be billed ahead; those past their limit are breached
-- cohort: now, business time
-- needs: fulfilment.completed, invoice.posted
-- stage: invoice
-- ages: 1d 3d 7d 30d
SELECT
    unbilled AS item, 'invoice' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', entered_at, moment) / 1e6 AS seconds,
    toUInt8(ifNull(due_at < moment, 0)) AS breached,
    order_amount AS amount, order_currency AS currency, toDate(order_dated_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, unbilled, entered_at, completed_at, due_at, state, order_amount, order_currency, order_dated_at
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS unbilled, stages.entered_at AS entered_at, stages.completed_at AS completed_at,
        stages.due_at AS due_at, stages.state AS state, stages.amount AS order_amount, stages.currency AS order_currency,
        stages.dated_at AS order_dated_at
    WHERE dataset = {dataset:String} AND __PATH__
        AND (status != 'completed' OR last_event_at >= {moments:Array(DateTime64(6, 'UTC'))}[1])
)
ARRAY JOIN arrayFilter(m -> entered_at <= m AND ifNull(completed_at > m, 1), {moments:Array(DateTime64(6, 'UTC'))}) AS moment
WHERE wait = 'invoice' AND startsWith(unbilled, 'order:') AND state NOT IN ('skipped', 'withdrawn')
