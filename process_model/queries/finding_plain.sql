-- How many cases have a quote and an order, and an order and an invoice: what a mismatch is measured against.
SELECT countIf(hasAll(`objects.type`, ['quote', 'order'])) AS ordered, countIf(hasAll(`objects.type`, ['order', 'invoice'])) AS billed
FROM instances FINAL
WHERE dataset = {dataset:String}
