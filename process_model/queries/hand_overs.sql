-- The directly-follows graph of the cases that were alive in the period: how often one activity follows another, in how many
-- cases, after how long, and what the cases are worth that pass. A case passes a hand-over once, however often it repeats it.
WITH
cases AS
(
    SELECT
        if({all_events:UInt8}, events.activity, activities) AS acts,
        if({all_events:UInt8}, events.time, times) AS moments,
        amount, currency, toDate(opened_at) AS dated_at
    FROM instances FINAL
    WHERE dataset = {dataset:String}
        AND opened_at < {until:DateTime64(6, 'UTC')} AND last_event_at >= {since:DateTime64(6, 'UTC')}
        AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
        AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
        AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
        AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
        AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
        AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
        AND (empty({only:Array(String)}) OR hasAll(acts, {only:Array(String)}))
        AND (empty({exclude:Array(String)}) OR NOT hasAny(acts, {exclude:Array(String)}))
        AND (empty({start:Array(String)}) OR acts[1] IN {start:Array(String)})
        AND (empty({end:Array(String)}) OR acts[-1] IN {end:Array(String)})
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
    toString(source) AS source,
    toString(target) AS target,
    count() AS handed_over,
    countIf(nth = 1) AS instances,
    quantilesExactInclusive(0.5, 0.9, 0.95)(wait) AS micros,
    countIf(nth = 1 AND amount IS NOT NULL) AS priced_items,
    countIf(nth = 1 AND amount IS NOT NULL AND converted IS NULL) AS unconverted,
    sumIf(converted, nth = 1) AS converted_amount,
    sumMapIf(map(toString(currency), toDecimal256(assumeNotNull(amount), 6)), nth = 1 AND amount IS NOT NULL) AS amounts
FROM
(
    SELECT
        arrayPopBack(acts) AS sources,
        arrayPopFront(acts) AS targets,
        arrayPopFront(arrayDifference(arrayMap(moment -> toUnixTimestamp64Micro(moment), moments))) AS waits,
        arrayEnumerateUniq(sources, targets) AS turns,
        amount, currency, converted
    FROM priced
    WHERE length(acts) > 1
)
ARRAY JOIN sources AS source, targets AS target, waits AS wait, turns AS nth
GROUP BY source, target
ORDER BY handed_over DESC, source, target
