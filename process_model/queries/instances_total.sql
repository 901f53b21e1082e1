-- How many instances the list of instances_page has in all.
SELECT count() AS total
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
