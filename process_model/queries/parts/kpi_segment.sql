-- Stands in kpi_rows.sql where it is split: the value of what it is split by.
multiIf(
    {by:String} = 'region', toString(region),
    {by:String} = 'business_unit', toString(business_unit),
    {by:String} = 'legal_entity', toString(legal_entity),
    {by:String} = 'product_family', toString(product_family),
    {by:String} = 'sales_channel', toString(sales_channel),
    {by:String} = 'customer_tier', toString(customer_tier),
    {by:String} = 'stage', toString(stage),
    {by:String} = 'age', toString(arrayCount(edge -> seconds >= edge, {ages:Array(Float64)})),
    '')
