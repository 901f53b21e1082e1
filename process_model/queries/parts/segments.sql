-- Stands wherever a statement says __SEGMENTS__ of rows that have the segments: whether theirs are the chosen ones.
(
    (empty({region:Array(String)}) OR region IN {region:Array(String)})
    AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
    AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
    AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
    AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
    AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
)
