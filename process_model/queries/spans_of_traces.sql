-- The spans of some traces, each once however often it was sent. Only the days of the traces are looked at; what a broken clock put
-- before 1970 or after 2105, which the table of days cannot hold, is looked at always (after 2149 a day of the tables wraps around,
-- and such a span may not be found).
SELECT TraceId AS trace_id, SpanId AS span_id, any(ParentSpanId) AS parent_span_id, any(SpanName) AS name,
    any(SpanKind) AS kind, any(ServiceName) AS service, min(Timestamp) AS started_at, any(Duration) AS duration_ns,
    any(StatusCode) AS status, any(StatusMessage) AS status_message,
    any(mapUpdate(ResourceAttributes, SpanAttributes)) AS attributes, any(Links.TraceId) AS linked_trace_ids
FROM otel_traces
WHERE TraceId IN {trace_ids:Array(String)}
    AND (
        toDate(Timestamp) IN
        (
            SELECT arrayJoin(arrayMap(day -> toDate(Start) + day, range(toUInt32(dateDiff('day', Start, End)) + 1)))
            FROM otel_traces_trace_id_ts
            WHERE TraceId IN {trace_ids:Array(String)}
        )
        OR Timestamp < toDateTime64('1970-01-02 00:00:00', 9) OR Timestamp >= toDateTime64('2106-01-01 00:00:00', 9))
GROUP BY TraceId, SpanId
ORDER BY started_at, trace_id, span_id
LIMIT 20000
