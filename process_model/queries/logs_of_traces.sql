-- The log records of some traces.
SELECT Timestamp AS at, TraceId AS trace_id, SpanId AS span_id, SeverityText AS severity, ServiceName AS service,
    Body AS body, LogAttributes AS attributes
FROM otel_logs
WHERE TraceId IN {trace_ids:Array(String)}
ORDER BY at, trace_id, span_id
LIMIT 5000
