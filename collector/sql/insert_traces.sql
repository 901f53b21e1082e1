-- One segment of framed OTLP requests into otel_traces, parsed by the engine itself; nested values are text already
-- (collector/otlp.py), so a value that is still nested stops the insert instead of being stored as nothing.
INSERT INTO otel_traces
    (Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName,
     ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage, `Events.Timestamp`, `Events.Name`, `Events.Attributes`,
     `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`)
WITH
f -> if(abs(f) < 1e21, toString(f), transform(replaceOne(toString(f), 'e', 'e+'), ['nan', 'inf', '-inf'], ['NaN', 'Infinity', '-Infinity'])) AS double_text,
v -> multiIf(
    v.value = 'string_value', v.string_value,
    v.value = 'int_value', toString(v.int_value),
    v.value = 'bool_value', toString(v.bool_value),
    v.value = 'double_value', double_text(v.double_value),
    v.value = 'bytes_value', base64Encode(v.bytes_value),
    v.value IN ('array_value', 'kvlist_value'), toString(throwIf(v.value IN ('array_value', 'kvlist_value'), 'otlp-nested')),
    '') AS text_of,
kvs -> mapSort(mapFromArrays(kvs.key, arrayMap(x -> text_of(x), kvs.value))) AS text_map,
id -> if(id = unhex('00000000000000000000000000000000'), '', lower(hex(id))) AS trace_hex,
id -> if(id = unhex('0000000000000000'), '', lower(hex(id))) AS span_hex
SELECT
    fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano)),
    trace_hex(s.trace_id), span_hex(s.span_id), span_hex(s.parent_span_id), s.trace_state, s.name,
    transform(s.kind, [0, 1, 2, 3, 4, 5], ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'], ''),
    resource_map['service.name'], resource_map, scope_name, scope_version, text_map(s.attributes),
    s.end_time_unix_nano - s.start_time_unix_nano,
    transform(s.status.code, [0, 1, 2], ['Unset', 'Ok', 'Error'], ''), s.status.message,
    arrayMap(t -> fromUnixTimestamp64Nano(toInt64(t)), s.events.time_unix_nano), s.events.name, arrayMap(a -> text_map(a), s.events.attributes),
    arrayMap(i -> trace_hex(i), s.links.trace_id), arrayMap(i -> span_hex(i), s.links.span_id), s.links.trace_state, arrayMap(a -> text_map(a), s.links.attributes)
FROM
(
    SELECT resource_map, ss.scope.name AS scope_name, ss.scope.version AS scope_version, arrayJoin(ss.spans) AS s
    FROM
    (
        SELECT text_map(r.resource.attributes) AS resource_map, arrayJoin(r.scope_spans) AS ss
        FROM (SELECT arrayJoin(resource_spans) AS r FROM __SOURCE__)
    )
)
