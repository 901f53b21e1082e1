-- The spans of some traces, each once however often it was sent.
SELECT TraceId AS trace_id, SpanId AS span_id, any(ParentSpanId) AS parent_span_id, any(SpanName) AS name,
    any(SpanKind) AS kind, any(ServiceName) AS service, min(Timestamp) AS started_at, any(Duration) AS duration_ns,
    any(StatusCode) AS status, any(StatusMessage) AS status_message,
    any(mapUpdate(ResourceAttributes, SpanAttributes)) AS attributes, any(Links.TraceId) AS linked_trace_ids
FROM otel_traces
WHERE TraceId IN {trace_ids:Array(String)}
GROUP BY TraceId, SpanId
ORDER BY started_at, trace_id, span_id
LIMIT 20000
