-- The open cases that wait in one of the stages, each at its current one; the largest first.
SELECT instance_id
FROM instances FINAL
WHERE dataset = {dataset:String} AND status = 'open' AND opened_at < {as_of:DateTime64(6, 'UTC')}
    AND stage IN {stages:Array(String)}
    AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
ORDER BY ifNull(amount, 0) DESC, instance_id
LIMIT {limit:UInt32}
