-- One segment of framed OTLP requests into otel_logs, parsed by the engine itself; nested values are text already
-- (collector/otlp.py), so a value that is still nested stops the insert instead of being stored as nothing.
INSERT INTO otel_logs
    (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName, Body, ResourceSchemaUrl, ResourceAttributes,
     ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, LogAttributes, EventName)
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
    fromUnixTimestamp64Nano(toInt64(if(l.time_unix_nano = 0, l.observed_time_unix_nano, l.time_unix_nano))),
    trace_hex(l.trace_id), span_hex(l.span_id), toUInt8(l.flags), l.severity_text, toUInt8(l.severity_number),
    resource_map['service.name'], text_of(l.body), resource_url, resource_map, scope_url, scope_name, scope_version, scope_map,
    text_map(l.attributes), l.event_name
FROM
(
    SELECT resource_map, resource_url, sl.schema_url AS scope_url, sl.scope.name AS scope_name, sl.scope.version AS scope_version,
        text_map(sl.scope.attributes) AS scope_map, arrayJoin(sl.log_records) AS l
    FROM
    (
        SELECT text_map(r.resource.attributes) AS resource_map, r.schema_url AS resource_url, arrayJoin(r.scope_logs) AS sl
        FROM (SELECT arrayJoin(resource_logs) AS r FROM __SOURCE__)
    )
)
