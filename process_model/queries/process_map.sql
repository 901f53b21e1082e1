-- The activities of the cases that were alive in the period (target = '', is_path = 0) and the paths between them: how often,
-- in how many cases, how long, and what those cases are worth. A case is seen whole, and its worth counts once in each row.
WITH
cases AS
(
    SELECT instance_id, activities, times, amount, currency, toDate(opened_at) AS dated_at
    FROM instances FINAL
    WHERE dataset = {dataset:String}
        AND opened_at < {until:DateTime64(6, 'UTC')}
        AND last_event_at >= {since:DateTime64(6, 'UTC')}
        AND notEmpty(activities)
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
),
steps AS
(
    SELECT instance_id, amount, currency, converted, arrayJoin(arrayConcat(
        arrayMap((name, place) -> (toString(name), '', toUInt8(0), toUInt8(place = 1), toUInt8(place = length(activities)), 0.),
            activities, arrayEnumerate(activities)),
        arrayMap((name, next, at, then) -> (toString(name), toString(next), toUInt8(1), toUInt8(0), toUInt8(0),
                dateDiff('microsecond', at, then) / 1e6),
            arrayPopBack(activities), arrayPopFront(activities), arrayPopBack(times), arrayPopFront(times)))) AS step
    FROM priced
),
of_cases AS
(
    SELECT
        step.1 AS source, step.2 AS target, step.3 AS is_path, count() AS times, max(step.4) AS starts, max(step.5) AS ends,
        groupArray(step.6) AS seconds, any(amount) AS amount, any(currency) AS currency, any(converted) AS converted
    FROM steps
    GROUP BY instance_id, source, target, is_path
)
SELECT
    source, target, is_path, sum(times) AS times, count() AS cases, sum(starts) AS starts, sum(ends) AS ends,
    quantilesExactInclusiveArray(0.5, 0.9, 0.95)(seconds) AS quantiles,
    countIf(amount IS NOT NULL) AS priced_items,
    countIf(amount IS NOT NULL AND converted IS NULL) AS unconverted,
    sum(converted) AS converted_amount,
    sumMapIf(map(toString(currency), toDecimal256(assumeNotNull(amount), 6)), amount IS NOT NULL) AS amounts
FROM of_cases
GROUP BY source, target, is_path
ORDER BY times DESC, source, target
