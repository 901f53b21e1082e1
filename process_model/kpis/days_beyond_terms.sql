-- number: K32
-- title: Days beyond terms
-- unit: seconds
-- better: lower
-- value: weighted
-- formula: sum of (payment time minus agreed due time) times amount, divided by the amount paid; below nought is early; only due times that a document told or agreed terms give
-- cohort: end, business time of the last payment
-- needs: invoice.posted, payment.applied
-- minimum: 5
-- stage: payment
SELECT
    invoice AS item, 'payment' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    assumeNotNull(paid_at) AS moment,
    toUInt8(ifNull(paid_at <= due_at, 1)) AS hit,
    dateDiff('microsecond', assumeNotNull(due_at), paid_at) / 1e6 AS seconds,
    toUInt8(NOT hit) AS breached,
    invoice_amount AS amount, invoice_currency AS currency, toDate(posted_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, invoice, posted_at, paid_at, due_at, due_from, invoice_amount, invoice_currency
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS invoice, stages.entered_at AS posted_at, stages.completed_at AS paid_at,
        stages.due_at AS due_at, stages.due_from AS due_from, stages.amount AS invoice_amount, stages.currency AS invoice_currency
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE wait = 'payment' AND startsWith(invoice, 'invoice:') AND due_from IN ('event', 'terms') AND due_at IS NOT NULL
    AND ifNull(paid_at >= span.1 AND paid_at < span.2, 0)
