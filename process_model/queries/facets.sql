-- How many instances of the list each further choice would leave: a choice counts under all the others, not under itself.
SELECT entry.1 AS facet, entry.2 AS value, count() AS instances
FROM
(
    SELECT arrayJoin(arrayConcat(
        if(by_stage AND by_due AND by_failure, [('status', toString(status))], []),
        if(by_status AND by_due AND by_failure AND stage != '', [('stage', toString(stage))], []),
        if(by_status AND by_stage AND by_failure AND late, [('past_due', '1')], []),
        if(by_status AND by_stage AND by_due AND has_failure, [('failed', '1')], []))) AS entry
    FROM
    (
        SELECT status, stage, has_failure, ifNull(stage_due < {as_of:DateTime64(6, 'UTC')}, 0) AS late,
            empty({status:Array(String)}) OR status IN {status:Array(String)} AS by_status,
            empty({stage:Array(String)}) OR stage IN {stage:Array(String)} AS by_stage,
            {past_due:Int8} < 0 OR late = {past_due:Int8} AS by_due,
            {failed:Int8} < 0 OR has_failure = {failed:Int8} AS by_failure
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
            AND (empty({query:String}) OR positionCaseInsensitiveUTF8(leader_number, {query:String}) > 0
                OR positionCaseInsensitiveUTF8(customer, {query:String}) > 0
                OR arrayExists(key -> positionCaseInsensitiveUTF8(key, {query:String}) > 0, objects.key))
            AND (empty({ids:Array(String)}) OR instance_id IN {ids:Array(String)})
            AND __PATH__
            AND (empty({variant:Array(String)})
                OR hasAny({variant:Array(String)}, arrayMap(end -> concat(toString(if({all_events:UInt8}, cityHash64(events.activity), variant)), end),
            ['', if(status IN ('completed', ''), '+', '-')])))
            AND (empty({error_type:String}) OR arrayExists(hash -> hash IN (
                SELECT event_hash FROM business_events
                WHERE {error_type:String} != '' AND dataset = {dataset:String} AND error_type = {error_type:String}
                    AND outcome = 'failure' AND event_time >= {since:DateTime64(6, 'UTC')}
                    AND event_time < {until:DateTime64(6, 'UTC')}), events.hash))
    )
)
GROUP BY facet, value
ORDER BY facet, instances DESC, value
