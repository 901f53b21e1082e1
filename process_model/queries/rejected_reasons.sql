-- Why input of a period was rejected: by reason, source and type, with the newest example of each.
SELECT
    toString(reason) AS reason, toString(source) AS source, toString(type) AS type,
    uniqExact(sipHash128(id, door, pointer, detail, payload)) AS inputs,
    min(received_at) AS first_at, max(received_at) AS last_at,
    argMax(detail, received_at) AS detail, argMax(substring(payload, 1, 4000), received_at) AS payload
FROM rejected_events
WHERE dataset = {dataset:String}
    AND received_at >= {since:DateTime64(6, 'UTC')} AND received_at < {until:DateTime64(6, 'UTC')}
    AND received_at < {as_of:DateTime64(6, 'UTC')}
GROUP BY reason, source, type
ORDER BY inputs DESC, reason, source, type
LIMIT 100
