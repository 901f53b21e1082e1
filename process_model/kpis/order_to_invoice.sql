-- number: K22
-- title: Order to invoice
-- unit: seconds
-- better: lower
-- value: median
-- formula: median time from an order's creation to its first posted invoice; orders that still wait for one are unbilled orders
-- cohort: end, business time of the invoice
-- needs: order.created, invoice.posted
-- minimum: 5
-- stage: invoice
SELECT
    billed AS item, 'invoice' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    assumeNotNull(billed_at) AS moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', created[1], billed_at) / 1e6 AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    order_amount AS amount, order_currency AS currency, toDate(created[1]) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, billed, billed_at, order_amount, order_currency,
        arrayFilter((e, s, o) -> s = 'fulfilment' AND o = billed, stages.entered_at, stages.name, stages.object) AS created
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS billed, stages.completed_at AS billed_at,
        stages.amount AS order_amount, stages.currency AS order_currency
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE wait = 'invoice' AND startsWith(billed, 'order:') AND notEmpty(created)
    AND ifNull(billed_at >= span.1 AND billed_at < span.2, 0)
