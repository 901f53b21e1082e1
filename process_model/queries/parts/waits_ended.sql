-- Is the KPI whose file says 'of: waits_ended', its own text in the place of __CONDITION__: such waits that ended in the period,
-- and those that are past their limit at the end of it.
SELECT
    waited AS item, wait AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    if(done, assumeNotNull(completed_at), subtractMicroseconds(at, 1)) AS moment,
    toUInt8(done AND ifNull(completed_at <= due_at, 1)) AS hit,
    if(done, dateDiff('microsecond', entered_at, completed_at) / 1e6, NULL) AS seconds,
    toUInt8(NOT hit) AS breached,
    waited_amount AS amount, waited_currency AS currency, toDate(wait_dated_at) AS dated_at
FROM
(
    SELECT *, span.1 AS since, span.2 AS at, ifNull(completed_at < at, 0) AS done
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
    ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
    WHERE __CONDITION__
        AND state NOT IN ('skipped', 'withdrawn') AND entered_at < span.2
)
WHERE (done AND completed_at >= since)
    OR (NOT done AND ifNull(due_at < at, 0))
