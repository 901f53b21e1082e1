-- number: K16
-- title: Orders reworked
-- unit: share
-- better: lower
-- value: ratio
-- formula: orders changed after their creation so far, divided by orders created in the period
-- cohort: start, business time of the creation
-- needs: order.created
-- minimum: 5
-- stage: fulfilment
SELECT
    ordered AS item, 'fulfilment' AS stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    created_at AS moment,
    toUInt8(isNotNull(changed_at) AND assumeNotNull(changed_at) < span.2) AS hit,
    CAST(NULL AS Nullable(Float64)) AS seconds,
    hit AS breached,
    order_amount AS amount, order_currency AS currency, toDate(created_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        wait, ordered, created_at, order_amount, order_currency
    FROM instances FINAL
    ARRAY JOIN
        stages.name AS wait, stages.object AS ordered, stages.entered_at AS created_at,
        stages.amount AS order_amount, stages.currency AS order_currency
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
) AS made
LEFT JOIN
(
    SELECT subject, toNullable(min(event_time)) AS changed_at
    FROM business_events
    WHERE dataset = {dataset:String} AND type = 'order.changed' AND outcome != 'failure' AND event_time < {at:DateTime64(6, 'UTC')}
    GROUP BY subject
) AS changes ON ordered = changes.subject
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE wait = 'fulfilment' AND startsWith(ordered, 'order:')
    AND created_at >= span.1 AND created_at < span.2
