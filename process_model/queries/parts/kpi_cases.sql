-- Stands for each KPI where a statement says __KPIS__: what its own file selects, with its name, and whether it stands at moments.
SELECT
    '__NAME__' AS kpi, toUInt8(__STANDS__) AS stands,
    item, stage, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    moment, hit, seconds, breached, amount, currency, dated_at
FROM
(
__CASES__
)
