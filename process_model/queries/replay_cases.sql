-- A sample of the cases that were alive in the period, the same at every asking: their steps, and when in seconds since 1970.
SELECT
    if({all_events:UInt8}, events.activity, activities) AS acts,
    arrayMap(at -> toUnixTimestamp64Micro(at) / 1e6, if({all_events:UInt8}, events.time, times)) AS seconds,
    count() OVER () AS every
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
ORDER BY cityHash64(instance_id)
LIMIT {limit:UInt32}
