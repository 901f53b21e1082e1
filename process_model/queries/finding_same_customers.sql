-- Customers that are one customer under two ids.
SELECT DISTINCT object_key, other_key
FROM link_ends
WHERE dataset = {dataset:String} AND kind = 'same' AND startsWith(object_key, 'customer:')
ORDER BY object_key, other_key
