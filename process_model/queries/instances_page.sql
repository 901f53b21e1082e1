-- One page of the instances that were alive in the period. One statement serves every order: the key
-- that does not apply is constant.
SELECT
    dataset, instance_id, leader_type, leader_number AS number, customer, region, business_unit, legal_entity,
    product_family, sales_channel, customer_tier, amount, currency, status, stage, stage_since, stage_due,
    opened_at, last_event_at, closed_at, has_failure,
    ifNull(stage_due < {as_of:DateTime64(6, 'UTC')}, 0) AS past_due,
    multiIf(
        {sort:String} = 'number', leader_number,
        {sort:String} = 'customer', customer,
        {sort:String} = 'region', toString(region),
        {sort:String} = 'status', toString(status),
        '') AS text_key,
    multiIf(
        {sort:String} = 'amount', ifNull(toFloat64(amount), -1e300),
        {sort:String} = 'opened_at', toFloat64(opened_at),
        {sort:String} = 'stage_due', ifNull(toFloat64(stage_due), if({descending:UInt8}, -1e300, 1e300)),
        {sort:String} = 'stage_since', ifNull(toFloat64(stage_since), if({descending:UInt8}, -1e300, 1e300)),
        {sort:String} IN ('number', 'customer', 'region', 'status'), 0,
        toFloat64(last_event_at)) AS number_key
FROM instances FINAL
WHERE
    dataset = {dataset:String}
    AND opened_at < {until:DateTime64(6, 'UTC')}
    AND last_event_at >= {since:DateTime64(6, 'UTC')}
    AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
    AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
    AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
    AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
    AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
    AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
    AND (empty({status:Array(String)}) OR status IN {status:Array(String)})
    AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
    AND ({past_due:Int8} < 0 OR ifNull(stage_due < {as_of:DateTime64(6, 'UTC')}, 0) = {past_due:Int8})
    AND (empty({query:String}) OR positionCaseInsensitiveUTF8(leader_number, {query:String}) > 0
        OR positionCaseInsensitiveUTF8(customer, {query:String}) > 0
        OR arrayExists(key -> positionCaseInsensitiveUTF8(key, {query:String}) > 0, objects.key))
    AND (empty({ids:Array(String)}) OR instance_id IN {ids:Array(String)})
    AND __PATH__
    AND (empty({variant:Array(String)})
        OR hasAny({variant:Array(String)}, arrayMap(end -> concat(toString(if({all_events:UInt8}, cityHash64(events.activity), variant)), end),
            ['', if(status IN ('completed', ''), '+', '-')])))
    AND ({failed:Int8} < 0 OR has_failure = {failed:Int8})
    AND (empty({error_type:String}) OR arrayExists(hash -> hash IN (
        SELECT event_hash FROM business_events
        WHERE {error_type:String} != '' AND dataset = {dataset:String} AND error_type = {error_type:String}
            AND outcome = 'failure' AND event_time >= {since:DateTime64(6, 'UTC')}
            AND event_time < {until:DateTime64(6, 'UTC')}), events.hash))
    -- the rows behind the last one of the page before
    AND ({after_id:String} = '' OR text_key = {after_text:String} AND number_key = {after_number:Float64}
        AND instance_id > {after_id:String}
        OR if({descending:UInt8},
            text_key < {after_text:String} OR text_key = {after_text:String} AND number_key < {after_number:Float64},
            text_key > {after_text:String} OR text_key = {after_text:String} AND number_key > {after_number:Float64}))
ORDER BY
    if({descending:UInt8}, text_key, '') DESC, if({descending:UInt8}, '', text_key) ASC,
    if({descending:UInt8}, number_key, 0) DESC, if({descending:UInt8}, 0, number_key) ASC,
    instance_id ASC
LIMIT {limit:UInt32} OFFSET {offset:UInt64}
