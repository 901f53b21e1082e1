-- number: K13
-- title: Synchronization success
-- unit: share
-- better: higher
-- value: ratio
-- formula: objects whose first success came within the limit, divided by objects that should have crossed; objects still within their limit are not judged yet; retries count nothing
-- cohort: start, business time
-- needs: sync.succeeded|sync.failed|sync.attempted
-- minimum: 5
SELECT
    concat(from_system, ' ', to_system, ' ', crossed) AS item, sync_stage AS stage,
    region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    obliged_at AS moment,
    toUInt8(arrived AND first_success_at <= due_at) AS hit,
    if(arrived, dateDiff('microsecond', obliged_at, first_success_at) / 1e6, NULL) AS seconds,
    toUInt8(NOT hit) AS breached,
    sync_amount AS amount, sync_currency AS currency, toDate(obliged_at) AS dated_at
FROM
(
    SELECT *, span.2 AS at, ifNull(first_success_at < at, 0) AS arrived
    FROM
    (
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        from_system, to_system, crossed, sync_stage, obliged_at, due_at, first_success_at, sync_amount, sync_currency
    FROM instances FINAL
    ARRAY JOIN
        syncs.from_system AS from_system, syncs.to_system AS to_system, syncs.object AS crossed, syncs.stage AS sync_stage,
        syncs.obliged_at AS obliged_at, syncs.due_at AS due_at, syncs.first_success_at AS first_success_at,
        syncs.amount AS sync_amount, syncs.currency AS sync_currency
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
    )
    ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
    WHERE obliged_at >= span.1 AND obliged_at < span.2
)
WHERE arrived OR due_at < at
