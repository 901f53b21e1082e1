-- The distinct ways of the cases that were alive in the period, apart for those that are through and those that are not: how many
-- cases, what they are worth, and how many of them began in each week.
WITH
cases AS
(
    SELECT
        if({all_events:UInt8}, events.activity, activities) AS acts,
        toString(if({all_events:UInt8}, cityHash64(acts), variant)) AS way,
        toUInt8(status = 'completed' OR status = '') AS through,
        amount, currency, toDate(opened_at) AS dated_at, toStartOfWeek(opened_at, 1) AS week
    FROM instances FINAL
    WHERE dataset = {dataset:String}
        AND opened_at < {until:DateTime64(6, 'UTC')} AND last_event_at >= {since:DateTime64(6, 'UTC')}
        AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
        AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
        AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
        AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
        AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
        AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
        AND __PATH__
),
known_rates AS
(
    SELECT currency, valid_from, rate
    FROM rates FINAL
    WHERE reporting_currency = {reporting_currency:String}
),
priced AS
(
    SELECT
        cases.*,
        multiIf(
            cases.amount IS NULL, NULL,
            cases.currency = {reporting_currency:String}, toDecimal256(cases.amount, 18),
            known_rates.rate = 0, NULL,
            toDecimal256(cases.amount, 6) * known_rates.rate) AS converted
    FROM cases
    ASOF LEFT JOIN known_rates ON cases.currency = known_rates.currency AND cases.dated_at >= known_rates.valid_from
)
SELECT
    acts AS activities,
    way AS variant,
    through,
    count() AS instances,
    sumMap(map(week, toUInt64(1))) AS weeks,
    countIf(amount IS NOT NULL) AS priced_items,
    countIf(amount IS NOT NULL AND converted IS NULL) AS unconverted,
    sum(converted) AS converted_amount,
    sumMapIf(map(toString(currency), toDecimal256(assumeNotNull(amount), 6)), amount IS NOT NULL) AS amounts
FROM priced
WHERE notEmpty(acts)
GROUP BY acts, way, through
ORDER BY instances DESC, activities, through
