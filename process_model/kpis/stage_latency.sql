-- title: Time in stage
-- unit: seconds
-- better: lower
-- value: median
-- formula: median time from entering a stage to its milestone, over all stages unless split by stage; waits past their limit at the end of the period count as breaches
-- cohort: end, business time
-- needs: quote.created, quote.accepted, order.created, fulfilment.completed, invoice.posted, payment.applied
-- minimum: 5
SELECT
    waited AS item, wait AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    if(done, assumeNotNull(completed_at), subtractMicroseconds({at:DateTime64(6, 'UTC')}, 1)) AS moment,
    toUInt8(done AND ifNull(completed_at <= due_at, 1)) AS hit,
    if(done, dateDiff('microsecond', entered_at, completed_at) / 1e6, NULL) AS seconds,
    toUInt8(NOT hit) AS breached,
    waited_amount AS amount, waited_currency AS currency, toDate(wait_dated_at) AS dated_at
FROM
(
    SELECT *, ifNull(completed_at < {at:DateTime64(6, 'UTC')}, 0) AS done
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
        WHERE dataset = {dataset:String} AND __PATH__ AND opened_at < {at:DateTime64(6, 'UTC')}
            AND (status != 'completed' OR last_event_at >= {since:DateTime64(6, 'UTC')})
    )
    WHERE wait != ''
        AND state NOT IN ('skipped', 'withdrawn') AND entered_at < {at:DateTime64(6, 'UTC')}
)
WHERE (done AND completed_at >= {since:DateTime64(6, 'UTC')})
    OR (NOT done AND ifNull(due_at < {at:DateTime64(6, 'UTC')}, 0))
