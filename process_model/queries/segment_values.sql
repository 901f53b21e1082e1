-- The values of every segment, those of most instances first.
SELECT entry.1 AS segment, entry.2 AS value, count() AS instances
FROM
(
    SELECT arrayJoin([
        ('region', toString(region)), ('business_unit', toString(business_unit)), ('legal_entity', toString(legal_entity)),
        ('product_family', toString(product_family)), ('sales_channel', toString(sales_channel)),
        ('customer_tier', toString(customer_tier))]) AS entry
    FROM instances FINAL
    WHERE dataset = {dataset:String}
)
WHERE value != ''
GROUP BY segment, value
ORDER BY segment, instances DESC, value
LIMIT 40 BY segment
