-- Where the cases that began in the period stand now, or were given up: each case in one place, with its worth.
WITH
cases AS
(
    SELECT
        customer, amount, currency, toDate(opened_at) AS dated_at, status,
        toUInt8(status = 'open' AND ifNull(stage_due < {as_of:DateTime64(6, 'UTC')}, 0)) AS late,
        multiIf(
            status = 'open', toString(stage),
            status = 'withdrawn', toString(arrayFirst((name, state) -> state = 'withdrawn', stages.name, stages.state)),
            '') AS stands_in
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND __PATH__
        AND opened_at >= {since:DateTime64(6, 'UTC')} AND opened_at < {until:DateTime64(6, 'UTC')}
        AND opened_at < {as_of:DateTime64(6, 'UTC')}
        AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
        AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
        AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
        AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
        AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
        AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
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
    stands_in AS stage,
    status,
    late,
    count() AS instances,
    uniqExactIf(customer, customer != '') AS customers,
    countIf(amount IS NOT NULL) AS priced_items,
    countIf(amount IS NOT NULL AND converted IS NULL) AS unconverted,
    sum(converted) AS converted_amount,
    sumMapIf(map(toString(currency), toDecimal256(assumeNotNull(amount), 6)), amount IS NOT NULL) AS amounts
FROM priced
GROUP BY stage, status, late
ORDER BY stage, status, late
