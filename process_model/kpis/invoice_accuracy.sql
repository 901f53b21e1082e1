-- number: K24
-- title: Invoices right first time
-- unit: share
-- better: higher
-- value: ratio
-- formula: invoices neither corrected nor cancelled so far, divided by invoices posted in the period
-- cohort: start, business time of the posting
-- needs: invoice.posted
-- minimum: 5
-- stage: payment
SELECT
    invoice AS item, 'payment' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    posted_at AS moment,
    toUInt8(isNull(corrected_at) OR assumeNotNull(corrected_at) >= span.2) AS hit,
    CAST(NULL AS Nullable(Float64)) AS seconds,
    toUInt8(NOT hit) AS breached,
    invoice_amount AS amount, invoice_currency AS currency, toDate(posted_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, invoice, posted_at, invoice_amount, invoice_currency
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS invoice, stages.entered_at AS posted_at,
        stages.amount AS invoice_amount, stages.currency AS invoice_currency
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
) AS posted
LEFT JOIN
(
    SELECT subject, toNullable(min(event_time)) AS corrected_at
    FROM business_events
    WHERE dataset = {dataset:String} AND type IN ('invoice.corrected', 'invoice.cancelled') AND outcome != 'failure'
        AND event_time < {at:DateTime64(6, 'UTC')}
    GROUP BY subject
) AS corrections ON invoice = corrections.subject
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE wait = 'payment' AND startsWith(invoice, 'invoice:')
    AND posted_at >= span.1 AND posted_at < span.2
