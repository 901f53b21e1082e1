-- How long each activity was after the one before it, in the cases that were alive in the period. How often, in how many cases and
-- for how much money is the same for all cases of a variant and is counted from those. Waits are gathered by variant and place
-- first, which is cheaper than to look at the names of each.
SELECT toString(any(before)) AS source, toString(any(after)) AS target, quantilesExactInclusiveMerge(0.5, 0.9, 0.95)(wait) AS micros
FROM
(
    SELECT
        arrayPopBack(any(acts)) AS sources,
        arrayPopFront(any(acts)) AS targets,
        quantilesExactInclusiveStateForEach(0.5, 0.9, 0.95)(
            arrayPopFront(arrayDifference(arrayMap(moment -> toUnixTimestamp64Micro(moment), moments)))) AS waits
    FROM
    (
        SELECT
            if({all_events:UInt8}, events.activity, activities) AS acts,
            if({all_events:UInt8}, events.time, times) AS moments,
            if({all_events:UInt8}, cityHash64(acts), variant) AS way
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
            AND length(acts) > 1
    )
    GROUP BY way
)
ARRAY JOIN sources AS before, targets AS after, waits AS wait
GROUP BY cityHash64(before, after)
