-- The cases that some traces speak of: by an event told in the trace, or by a document's number on a span.
SELECT instance_id
FROM
(
    SELECT instance_id
    FROM instances FINAL
    ARRAY JOIN `events.hash` AS hash
    WHERE dataset = {dataset:String} AND hash IN
    (
        SELECT event_hash
        FROM business_events
        WHERE dataset = {dataset:String} AND trace_id IN {trace_ids:Array(String)}
    )
    UNION DISTINCT
    SELECT instance_id
    FROM instances FINAL
    ARRAY JOIN `objects.key` AS object_key
    WHERE dataset = {dataset:String} AND object_key IN
    (
        SELECT concat(fact.1, ':shared:', encodeURLComponent(fact.2))
        FROM
        (
            SELECT arrayJoin(arrayMap((name, value) -> (extract(name, '^q2c\\.([a-z_]+)\\.id$'), value),
                mapKeys(SpanAttributes), mapValues(SpanAttributes))) AS fact
            FROM otel_traces
            WHERE {dataset:String} = 'live' AND TraceId IN {trace_ids:Array(String)}
        )
        WHERE fact.1 NOT IN ('', 'customer')
    )
)
ORDER BY instance_id
