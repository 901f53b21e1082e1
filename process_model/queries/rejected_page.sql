-- Input that could not become an event, received in a period, the newest first.
SELECT
    received_at, toString(source) AS source, id, toString(type) AS type, toString(door) AS door, pointer,
    toString(reason) AS reason, detail, payload,
    hex(sipHash128(source, id, type, door, pointer, reason, detail, payload)) AS key
FROM rejected_events
WHERE dataset = {dataset:String}
    AND received_at >= {since:DateTime64(6, 'UTC')} AND received_at < {until:DateTime64(6, 'UTC')}
    AND received_at < {as_of:DateTime64(6, 'UTC')}
    AND (empty({reason:Array(String)}) OR reason IN {reason:Array(String)})
    AND (empty({source:Array(String)}) OR source IN {source:Array(String)})
    AND ({after_key:String} = '' OR received_at < {after_at:DateTime64(6, 'UTC')}
        OR received_at = {after_at:DateTime64(6, 'UTC')} AND key > {after_key:String})
ORDER BY received_at DESC, key
LIMIT 1 BY received_at, key
LIMIT {limit:UInt32}
