-- Spans and logs in the column layout of the OpenTelemetry Collector's ClickHouse exporter (contrib):
-- column names, types, codecs, partition and keys follow it, so whoever writes with the exporter writes here.
-- Extra: recorded_at (the exporter names its insert columns) and a deduplication window for insert tokens.
CREATE TABLE IF NOT EXISTS otel_traces
(
    Timestamp          DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TraceId            String CODEC(ZSTD(1)),
    SpanId             String CODEC(ZSTD(1)),
    ParentSpanId       String CODEC(ZSTD(1)),
    TraceState         String CODEC(ZSTD(1)),
    SpanName           LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind           LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName        LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName          String CODEC(ZSTD(1)),
    ScopeVersion       String CODEC(ZSTD(1)),
    SpanAttributes     Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration           UInt64 CODEC(T64, ZSTD(1)),
    StatusCode         LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage      String CODEC(ZSTD(1)),
    Events Nested
    (
        Timestamp  DateTime64(9),
        Name       LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Links Nested
    (
        TraceId    String,
        SpanId     String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    recorded_at        DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1)),
    INDEX idx_trace_id        TraceId                       TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key    mapKeys(ResourceAttributes)   TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_res_attr_value  mapValues(ResourceAttributes) TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_span_attr_key   mapKeys(SpanAttributes)       TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes)     TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_duration        Duration                      TYPE minmax              GRANULARITY 1,
    INDEX idx_lower_span_name lower(SpanName)               TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

-- First and last span start of each trace: a lookup by trace id reads a few partitions only.
CREATE TABLE IF NOT EXISTS otel_traces_trace_id_ts
(
    TraceId String CODEC(ZSTD(1)),
    Start   SimpleAggregateFunction(min, DateTime) CODEC(ZSTD(1)),
    End     SimpleAggregateFunction(max, DateTime) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfWeek(Start)
ORDER BY TraceId
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_trace_id_ts_mv TO otel_traces_trace_id_ts AS
SELECT TraceId, min(toDateTime(Timestamp)) AS Start, max(toDateTime(Timestamp)) AS End
FROM otel_traces
WHERE notEmpty(TraceId)
GROUP BY TraceId;

CREATE TABLE IF NOT EXISTS otel_logs
(
    Timestamp          DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TimestampTime      DateTime DEFAULT toDateTime(Timestamp),
    TraceId            String CODEC(ZSTD(1)),
    SpanId             String CODEC(ZSTD(1)),
    TraceFlags         UInt8,
    SeverityText       LowCardinality(String) CODEC(ZSTD(1)),
    SeverityNumber     UInt8,
    ServiceName        LowCardinality(String) CODEC(ZSTD(1)),
    Body               String CODEC(ZSTD(1)),
    ResourceSchemaUrl  LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeSchemaUrl     LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName          String CODEC(ZSTD(1)),
    ScopeVersion       LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes    Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    LogAttributes      Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    EventName          String CODEC(ZSTD(1)),
    recorded_at        DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1)),
    INDEX idx_trace_id         TraceId                       TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key     mapKeys(ResourceAttributes)   TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_res_attr_value   mapValues(ResourceAttributes) TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_scope_attr_key   mapKeys(ScopeAttributes)      TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_scope_attr_value mapValues(ScopeAttributes)    TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_log_attr_key     mapKeys(LogAttributes)        TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_log_attr_value   mapValues(LogAttributes)      TYPE bloom_filter(0.01)  GRANULARITY 1,
    INDEX idx_body             lower(Body)                   TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toDate(TimestampTime)
PRIMARY KEY (ServiceName, TimestampTime)
ORDER BY (ServiceName, TimestampTime, Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

-- What each insert left behind: one row a block, so a segment that was split or half stored shows.
-- segment is the insert's deduplication token; '' marks rows that others wrote without one.
CREATE TABLE IF NOT EXISTS stored_segments
(
    kind        LowCardinality(String),
    segment     String CODEC(ZSTD(1)),
    row_count   UInt64,
    recorded_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY (kind, recorded_at)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS stored_segments_of_traces TO stored_segments AS
SELECT 'traces' AS kind, getSetting('insert_deduplication_token') AS segment, count() AS row_count
FROM otel_traces
GROUP BY segment;

CREATE MATERIALIZED VIEW IF NOT EXISTS stored_segments_of_logs TO stored_segments AS
SELECT 'logs' AS kind, getSetting('insert_deduplication_token') AS segment, count() AS row_count
FROM otel_logs
GROUP BY segment;

-- Business facts told by spans, span events and log records: candidates, whoever wrote the row (contract 6).
-- The views are total (no function in them throws), because a throwing view would block the insert.
CREATE TABLE IF NOT EXISTS fact_candidates
(
    segment      String CODEC(ZSTD(1)),
    signal       LowCardinality(String),                          -- span or log
    trace_id     String CODEC(ZSTD(1)),
    span_id      String CODEC(ZSTD(1)),
    position     UInt16,                                          -- 0: the span itself, n: its n-th event
    time         DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),   -- the span's end, the event's or record's time
    service_name LowCardinality(String) CODEC(ZSTD(1)),
    name         LowCardinality(String) CODEC(ZSTD(1)),
    status_code  LowCardinality(String) CODEC(ZSTD(1)),
    facts        Map(LowCardinality(String), String) CODEC(ZSTD(1)),  -- q2c.*, error.type and conversation ids
    recorded_at  DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (trace_id, span_id, position, time)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS fact_candidates_of_spans TO fact_candidates AS
SELECT
    getSetting('insert_deduplication_token') AS segment,
    'span' AS signal,
    TraceId AS trace_id,
    SpanId AS span_id,
    item.1 AS position,
    item.2 AS time,
    ServiceName AS service_name,
    item.3 AS name,
    StatusCode AS status_code,
    item.4 AS facts,
    recorded_at
FROM
(
    SELECT
        TraceId, SpanId, ServiceName, StatusCode, recorded_at,
        arrayJoin(arrayFilter(c -> arrayExists(k -> startsWith(k, 'q2c.'), mapKeys(c.4)), arrayConcat(
            [(0::UInt16, addNanoseconds(Timestamp, toInt64(Duration)), SpanName::String,
              mapFilter((k, v) -> startsWith(k, 'q2c.') OR k IN ('error.type', 'messaging.message.conversation_id'), SpanAttributes))],
            arrayMap((n, t, e, a) -> (n::UInt16, t, e::String,
                                      mapFilter((k, v) -> startsWith(k, 'q2c.') OR k IN ('error.type', 'messaging.message.conversation_id'), a)),
                     arrayEnumerate(`Events.Timestamp`), `Events.Timestamp`, `Events.Name`, `Events.Attributes`)))) AS item
    FROM otel_traces
    WHERE arrayExists(k -> startsWith(k, 'q2c.'), mapKeys(SpanAttributes))
       OR arrayExists(m -> arrayExists(k -> startsWith(k, 'q2c.'), mapKeys(m)), `Events.Attributes`)
);

CREATE MATERIALIZED VIEW IF NOT EXISTS fact_candidates_of_logs TO fact_candidates AS
SELECT
    getSetting('insert_deduplication_token') AS segment,
    'log' AS signal,
    TraceId AS trace_id,
    -- a record has no id of its own: its content is its identity, so a record sent twice is one fact
    concat(SpanId, '/', lower(hex(sipHash128(ServiceName, Timestamp, EventName, Body, LogAttributes)))) AS span_id,
    toUInt16(0) AS position,
    Timestamp AS time,
    ServiceName AS service_name,
    EventName AS name,
    if(SeverityNumber >= 17, 'Error', 'Unset') AS status_code,
    mapFilter((k, v) -> startsWith(k, 'q2c.') OR k IN ('error.type', 'messaging.message.conversation_id'), LogAttributes) AS facts,
    recorded_at
FROM otel_logs
WHERE startsWith(EventName, 'q2c.')
   OR mapContains(LogAttributes, 'q2c.event')
   OR EventName IN ('opportunity.created', 'opportunity.won', 'opportunity.lost', 'quote.created', 'quote.priced', 'quote.validated',
        'quote.submitted', 'quote.approved', 'quote.rejected', 'quote.revised', 'quote.sent', 'quote.accepted', 'quote.declined',
        'quote.expired', 'approval.requested', 'approval.granted', 'approval.denied', 'approval.escalated', 'approval.delegated',
        'contract.sent', 'contract.signed', 'contract.voided', 'credit.checked', 'credit.held', 'credit.released', 'tax.calculated',
        'tax.failed', 'order.created', 'order.booked', 'order.changed', 'order.blocked', 'order.released', 'order.failed',
        'order.cancelled', 'fulfilment.started', 'fulfilment.shipped', 'fulfilment.completed', 'fulfilment.returned', 'invoice.created',
        'invoice.posted', 'invoice.sent', 'invoice.disputed', 'invoice.corrected', 'invoice.cancelled', 'credit_note.posted',
        'payment.requested', 'payment.received', 'payment.failed', 'payment.refunded', 'payment.applied', 'subscription.activated',
        'subscription.changed', 'subscription.cancelled', 'renewal.created', 'renewal.accepted', 'renewal.lost', 'customer.created',
        'customer.changed', 'customer.merged', 'ticket.opened', 'ticket.closed', 'sync.attempted', 'sync.succeeded', 'sync.failed',
        'exception.raised', 'exception.assigned', 'exception.resolved', 'message.dead_lettered', 'message.replayed',
        'compensation.started', 'compensation.completed', 'task.touched');

-- Traces that span links hold together, in both directions: an asynchronous consumer links to the trace it came from.
CREATE TABLE IF NOT EXISTS trace_links
(
    trace_id       String CODEC(ZSTD(1)),
    other_trace_id String CODEC(ZSTD(1)),
    segment        String CODEC(ZSTD(1)),
    recorded_at    DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    INDEX by_segment     segment     TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_recorded_at recorded_at TYPE minmax              GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (trace_id, other_trace_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS trace_links_of_spans TO trace_links AS
SELECT DISTINCT pair.1 AS trace_id, pair.2 AS other_trace_id, getSetting('insert_deduplication_token') AS segment,
    recorded_at
FROM
(
    SELECT arrayJoin([(TraceId, linked), (linked, TraceId)]) AS pair, recorded_at
    FROM otel_traces
    ARRAY JOIN `Links.TraceId` AS linked
    WHERE notEmpty(linked) AND notEmpty(TraceId) AND linked != TraceId
);

-- Which traces name an object, whether or not they tell a fact of it: the way from an object to its spans.
CREATE TABLE IF NOT EXISTS span_objects
(
    object_type LowCardinality(String),
    object_id   String CODEC(ZSTD(1)),                    -- as the attribute has it
    system      LowCardinality(String),                   -- q2c.source_system, else the service
    trace_id    String CODEC(ZSTD(1)),
    time        DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (object_type, object_id, system, trace_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS span_objects_of_candidates TO span_objects AS
SELECT substring(fact.1, 5, length(fact.1) - 7) AS object_type, fact.2 AS object_id,
    if(mapContains(facts, 'q2c.source_system'), facts['q2c.source_system'], service_name) AS system, trace_id, time
FROM
(
    SELECT trace_id, service_name, time, facts,
        arrayJoin(arrayZip(mapKeys(facts)::Array(String), mapValues(facts))) AS fact
    FROM fact_candidates
    WHERE notEmpty(trace_id) AND service_name != 'throughline'
)
WHERE startsWith(fact.1, 'q2c.') AND endsWith(fact.1, '.id') AND notEmpty(fact.2)
    AND fact.1 NOT IN ('q2c.actor.id', 'q2c.rule.id', 'q2c.exception.id');
