-- Why input of a period was rejected: by reason, source and type, with the newest example of each.
SELECT
    toString(reason) AS reason, toString(source) AS source, toString(type) AS type,
    uniqExact(input) AS inputs,
    min(received_at) AS first_at, max(received_at) AS last_at,
    argMax(told, received_at) AS detail, argMax(example, received_at) AS payload
FROM
(
    SELECT reason, source, type, received_at, detail AS told, substring(payload, 1, 4000) AS example,
        sipHash128(id, door, pointer, detail, payload) AS input
    FROM rejected_events
    WHERE dataset = {dataset:String}
        AND received_at >= {since:DateTime64(6, 'UTC')} AND received_at < {until:DateTime64(6, 'UTC')}
        AND received_at < {as_of:DateTime64(6, 'UTC')}
)
GROUP BY reason, source, type
ORDER BY inputs DESC, reason, source, type
LIMIT 100
