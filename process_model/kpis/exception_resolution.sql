-- number: K15
-- title: Exception resolution time
-- unit: seconds
-- better: lower
-- value: median
-- formula: median time from an exception's raising to its resolution; open ones are in the exception backlog
-- cohort: end, business time of the resolution
-- needs: exception.raised, exception.resolved
-- minimum: 5
SELECT
    concat(id, ' ', trouble_of) AS item, trouble_stage AS stage,
    region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    assumeNotNull(resolved_at) AS moment,
    CAST(NULL AS Nullable(UInt8)) AS hit,
    dateDiff('microsecond', raised_at, resolved_at) / 1e6 AS seconds,
    CAST(NULL AS Nullable(UInt8)) AS breached,
    trouble_amount AS amount, trouble_currency AS currency, toDate(raised_at) AS dated_at
FROM
(
    SELECT
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
        id, trouble_of, trouble_stage, raised_at, resolved_at, trouble_amount, trouble_currency
    FROM instances FINAL
    ARRAY JOIN
        exceptions.id AS id, exceptions.object AS trouble_of, exceptions.stage AS trouble_stage,
        exceptions.raised_at AS raised_at, exceptions.resolved_at AS resolved_at,
        exceptions.amount AS trouble_amount, exceptions.currency AS trouble_currency
    WHERE dataset = {dataset:String} AND __PATH__ AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
ARRAY JOIN {spans:Array(Tuple(DateTime64(6, 'UTC'), DateTime64(6, 'UTC')))} AS span
WHERE ifNull(resolved_at >= span.1 AND resolved_at < span.2, 0)
