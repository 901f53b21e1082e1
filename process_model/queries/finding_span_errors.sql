-- How many spans each service had in five minutes, and how many failed of their own: a span that only hands on the error
-- of a span below it does not count. A call is counted for the service that was called.
SELECT callee, toStartOfInterval(Timestamp, INTERVAL 5 MINUTE) AS slot, count() AS spans, countIf(own_error) AS errors,
    minIf(toDateTime64(Timestamp, 6, 'UTC'), own_error) AS first_at, maxIf(toDateTime64(Timestamp, 6, 'UTC'), own_error) AS last_at,
    groupUniqArrayIf(500)(TraceId, own_error) AS traces, anyIf(error, own_error) AS error_class
FROM
(
    SELECT Timestamp, TraceId, SpanAttributes['error.type'] AS error,
        if(SpanKind IN ('Client', 'SPAN_KIND_CLIENT') AND SpanAttributes['peer.service'] != '', SpanAttributes['peer.service'],
            ServiceName) AS callee,
        StatusCode IN ('Error', 'STATUS_CODE_ERROR') AND (TraceId, SpanId) NOT IN
        (
            SELECT TraceId, ParentSpanId
            FROM otel_traces
            WHERE StatusCode IN ('Error', 'STATUS_CODE_ERROR')
        ) AS own_error
    FROM otel_traces
    WHERE Timestamp <= {as_of:DateTime64(6, 'UTC')} AND ServiceName != 'throughline'
)
GROUP BY callee, slot
ORDER BY callee, slot
