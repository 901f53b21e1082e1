-- The cases that some traces speak of: by an event told in the trace, or by a document's number on a span.
SELECT DISTINCT instance_id
FROM
(
    SELECT instance_id, `objects.key` AS object_keys, `events.hash` AS hashes
    FROM instances FINAL
    WHERE dataset = {dataset:String}
)
WHERE hasAny(hashes, (
        SELECT groupUniqArray(event_hash)
        FROM business_events
        WHERE dataset = {dataset:String} AND trace_id IN {trace_ids:Array(String)}))
    OR hasAny(object_keys, (
        SELECT groupUniqArray(concat(fact.1, ':shared:', encodeURLComponent(fact.2)))
        FROM
        (
            SELECT arrayJoin(arrayMap((name, value) -> (extract(name, '^q2c\\.([a-z_]+)\\.id$'), value),
                mapKeys(SpanAttributes), mapValues(SpanAttributes))) AS fact
            FROM otel_traces
            WHERE {dataset:String} = 'live' AND TraceId IN {trace_ids:Array(String)}
        )
        WHERE fact.1 NOT IN ('', 'customer')))
ORDER BY instance_id
