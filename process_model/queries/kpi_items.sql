-- The items that a KPI counts against us, the worst first; the KPI's own file stands in the parentheses. Of a ratio these are the
-- misses, of a duration those beyond {beyond} or past their limit, of a count or an amount all.
SELECT item, max(ifNull(seconds, 0)) AS lasted, max(ifNull(amount, 0)) AS worth
FROM
(
    SELECT
        toString(item) AS item, toString(stage) AS stage, seconds, amount, hit, breached,
        multiIf(
            {by:String} = 'region', toString(region),
            {by:String} = 'business_unit', toString(business_unit),
            {by:String} = 'legal_entity', toString(legal_entity),
            {by:String} = 'product_family', toString(product_family),
            {by:String} = 'sales_channel', toString(sales_channel),
            {by:String} = 'customer_tier', toString(customer_tier),
            {by:String} = 'stage', toString(stage),
            '') AS segment,
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier
    FROM
    (
__CASES__
    )
)
WHERE __SEGMENTS__
    AND ({of_stage:String} = '' OR stage = {of_stage:String})
    AND segment = {of_segment:String}
    AND multiIf(
        {counts:String} = 'ratio', ifNull(hit, 0) = {bad_hit:UInt8},
        {counts:String} IN ('count', 'amount'), 1,
        ifNull(breached, 0) = 1 OR ({beyond:Float64} > 0 AND ifNull(seconds, 0) > {beyond:Float64}))
GROUP BY item
ORDER BY lasted DESC, worth DESC, item
LIMIT {limit:UInt32}
