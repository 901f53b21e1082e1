-- Counts the cases that a KPI selects (its own file stands in the first parentheses): each item once in its bucket and segment,
-- and money in the reporting currency by the rate of the document's date wherever a rate is known.
WITH
cases AS
(
__CASES__
),
placed AS
(
    SELECT
        *,
        multiIf(
            {bucket:String} = 'hour', toDateTime(toStartOfHour(moment), 'UTC'),
            {bucket:String} = 'day', toDateTime(toStartOfDay(moment), 'UTC'),
            {bucket:String} = 'week', toDateTime(toStartOfWeek(moment, 1), 'UTC'),
            {bucket:String} = 'month', toDateTime(toStartOfMonth(moment), 'UTC'),
            toDateTime(0, 'UTC')) AS bucket,
        arrayJoin(if({by:String} = 'segments', arrayConcat(
            if(region = '', [], [concat('region=', region)]),
            if(business_unit = '', [], [concat('business_unit=', business_unit)]),
            if(legal_entity = '', [], [concat('legal_entity=', legal_entity)]),
            if(product_family = '', [], [concat('product_family=', product_family)]),
            if(sales_channel = '', [], [concat('sales_channel=', sales_channel)]),
            if(customer_tier = '', [], [concat('customer_tier=', customer_tier)])), [multiIf(
            {by:String} = 'region', toString(region),
            {by:String} = 'business_unit', toString(business_unit),
            {by:String} = 'legal_entity', toString(legal_entity),
            {by:String} = 'product_family', toString(product_family),
            {by:String} = 'sales_channel', toString(sales_channel),
            {by:String} = 'customer_tier', toString(customer_tier),
            {by:String} = 'stage', toString(stage),
            {by:String} = 'age', toString(arrayCount(edge -> seconds >= edge, {ages:Array(Float64)})),
            '')])) AS segment,
        if({each_stage:UInt8}, toString(stage), '') AS stage_of
    FROM cases
    WHERE (empty({region:Array(String)}) OR region IN {region:Array(String)})
        AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
        AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
        AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
        AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
        AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
),
items AS
(
    -- a document that several instances share stands in each of them: its facts once, its shares added
    SELECT bucket, stage_of, segment, cityHash64(item) AS key, any(hit) AS hit, any(seconds) AS seconds, any(breached) AS breached,
        sum(amount) AS amount, any(currency) AS currency, any(dated_at) AS dated_at
    FROM placed
    GROUP BY bucket, stage_of, segment, key
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
        items.*,
        multiIf(
            items.amount IS NULL, NULL,
            items.currency = {reporting_currency:String}, toDecimal256(items.amount, 18),
            known_rates.rate = 0, NULL,
            toDecimal256(items.amount, 6) * known_rates.rate) AS converted
    FROM items
    ASOF LEFT JOIN known_rates ON items.currency = known_rates.currency AND items.dated_at >= known_rates.valid_from
)
SELECT
    bucket,
    stage_of,
    segment,
    count() AS n,
    sum(hit) AS hits,
    sum(breached) AS breaches,
    count(seconds) AS timed,
    sum(seconds) AS total_seconds,
    quantilesExactInclusive(0.5, 0.9, 0.95)(seconds) AS quantiles,
    countIf(amount IS NOT NULL) AS priced_items,
    countIf(amount IS NOT NULL AND converted IS NULL) AS unconverted,
    sum(converted) AS converted_amount,
    sum(seconds * toFloat64(converted)) AS weighted_seconds,
    sumMapIf(map(toString(currency), toDecimal256(assumeNotNull(amount), 6)), amount IS NOT NULL) AS amounts
FROM priced
GROUP BY bucket, stage_of, segment
ORDER BY bucket, stage_of, segment
