-- The way that most of the cases alive in the period take, how many take exactly it, and how many cases there are.
WITH ways AS
(
    SELECT activities, count() AS many
    FROM instances FINAL
    WHERE dataset = {dataset:String}
        AND opened_at < {until:DateTime64(6, 'UTC')}
        AND last_event_at >= {since:DateTime64(6, 'UTC')}
        AND notEmpty(activities)
        AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
        AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
        AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
        AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
        AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
        AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
    GROUP BY activities
)
SELECT activities, many AS cases, (SELECT sum(many) FROM ways) AS every
FROM ways
ORDER BY cases DESC, length(activities), activities
LIMIT 1
