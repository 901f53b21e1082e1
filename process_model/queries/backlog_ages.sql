-- Cases that wait now, by the stage they wait in and by how long: each case once, at its current stage.
SELECT
    toString(stage) AS stage,
    toUInt8(arrayCount(edge -> dateDiff('microsecond', assumeNotNull(stage_since), {as_of:DateTime64(6, 'UTC')}) / 1e6 >= edge,
        {edges:Array(Float64)})) AS age,
    count() AS instances,
    countIf(ifNull(stage_due < {as_of:DateTime64(6, 'UTC')}, 0)) AS late
FROM instances FINAL
WHERE dataset = {dataset:String} AND __PATH__ AND status = 'open' AND stage != ''
    AND stage_since IS NOT NULL AND stage_since < {as_of:DateTime64(6, 'UTC')}
    AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
    AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
    AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
    AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
    AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
    AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
GROUP BY stage, age
ORDER BY stage, age
