-- A sample of the cases alive in the period, the same at every asking: their activities, and when in seconds since 1970.
SELECT
    activities, arrayMap(at -> toUnixTimestamp64Micro(at) / 1e6, times) AS seconds, count() OVER () AS every
FROM instances FINAL
WHERE dataset = {dataset:String}
    AND opened_at < {until:DateTime64(6, 'UTC')}
    AND last_event_at >= {since:DateTime64(6, 'UTC')}
    AND length(activities) > 1
    AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
    AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
    AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
    AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
    AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
    AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
ORDER BY cityHash64(instance_id)
LIMIT {limit:UInt32}
