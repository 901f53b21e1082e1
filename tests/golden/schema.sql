CREATE TABLE business_events
(
    `dataset` LowCardinality(String) DEFAULT 'live',
    `source` LowCardinality(String),
    `id` String CODEC(ZSTD(1)),
    `event_hash` UInt64 DEFAULT cityHash64(dataset, source, id),
    `type` LowCardinality(String),
    `activity` LowCardinality(String),
    `subject` String CODEC(ZSTD(1)),
    `event_time` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `event_time_from` LowCardinality(String),
    `recorded_time` Nullable(DateTime64(6, 'UTC')),
    `received_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `sequence` String CODEC(ZSTD(1)),
    `sequence_type` LowCardinality(String),
    `correlation_id` String CODEC(ZSTD(1)),
    `causation_id` String CODEC(ZSTD(1)),
    `trace_id` String CODEC(ZSTD(1)),
    `span_id` String CODEC(ZSTD(1)),
    `object_keys` Array(String) CODEC(ZSTD(1)),
    `object_types` Array(LowCardinality(String)),
    `object_qualifiers` Array(LowCardinality(String)),
    `links.from_key` Array(String) CODEC(ZSTD(1)),
    `links.to_key` Array(String) CODEC(ZSTD(1)),
    `links.kind` Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `links.evidence` Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `links.basis` Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `links.amount` Array(Nullable(Decimal(38, 6))) CODEC(ZSTD(1)),
    `region` LowCardinality(String),
    `business_unit` LowCardinality(String),
    `legal_entity` LowCardinality(String),
    `product_family` LowCardinality(String),
    `sales_channel` LowCardinality(String),
    `customer_tier` LowCardinality(String),
    `amount` Nullable(Decimal(38, 6)),
    `currency` LowCardinality(String),
    `actor_kind` LowCardinality(String),
    `actor_id` String CODEC(ZSTD(1)),
    `outcome` LowCardinality(String),
    `error_type` LowCardinality(String),
    `attempt` UInt32,
    `idempotency_key` String CODEC(ZSTD(1)),
    `sync_from` LowCardinality(String),
    `sync_to` LowCardinality(String),
    `sync_object` String CODEC(ZSTD(1)),
    `exception_id` String CODEC(ZSTD(1)),
    `exception_class` LowCardinality(String),
    `exception_owner` String CODEC(ZSTD(1)),
    `rule_kind` LowCardinality(String),
    `rule_id` String CODEC(ZSTD(1)),
    `rule_version` String CODEC(ZSTD(1)),
    `due` Nullable(DateTime64(6, 'UTC')),
    `payment_days` Nullable(Int32),
    `fields` Map(String, String) CODEC(ZSTD(1)),
    `data` String CODEC(ZSTD(3)),
    `origin` LowCardinality(String),
    `content_hash` String CODEC(ZSTD(1)),
    `segment` String DEFAULT getSetting('insert_deduplication_token') CODEC(ZSTD(1)),
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_correlation correlation_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_span lower(span_id) TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_retry_key idempotency_key TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, event_hash)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE TABLE conversations
(
    `dataset` LowCardinality(String),
    `conversation` String CODEC(ZSTD(1)),
    `documents` SimpleAggregateFunction(groupUniqArrayArray(33), Array(String)) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (dataset, conversation)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW conversations_of_events TO conversations
(
    `dataset` LowCardinality(String),
    `conversation` String,
    `documents` Array(String)
)
AS SELECT
    dataset,
    link.1 AS conversation,
    groupUniqArray(33)(link.2) AS documents
FROM
(
    SELECT
        dataset,
        arrayJoin(arrayZip(links.to_key, links.from_key, links.kind)) AS link
    FROM business_events
)
WHERE (link.3) = 'conversation'
GROUP BY
    dataset,
    conversation;

CREATE TABLE event_objects
(
    `dataset` LowCardinality(String),
    `object_key` String CODEC(ZSTD(1)),
    `object_type` LowCardinality(String),
    `qualifier` LowCardinality(String),
    `event_hash` UInt64,
    `segment` String CODEC(ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, object_key, event_hash)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW event_objects_of_events TO event_objects
(
    `dataset` LowCardinality(String),
    `object_key` String,
    `object_type` String,
    `qualifier` String,
    `event_hash` UInt64,
    `segment` String
)
AS SELECT
    dataset,
    object.1 AS object_key,
    object.2 AS object_type,
    object.3 AS qualifier,
    event_hash,
    getSetting('insert_deduplication_token') AS segment
FROM
(
    SELECT
        dataset,
        event_hash,
        arrayJoin(arrayZip(object_keys, object_types, object_qualifiers)) AS object
    FROM business_events
);

CREATE TABLE fact_candidates
(
    `segment` String CODEC(ZSTD(1)),
    `signal` LowCardinality(String),
    `trace_id` String CODEC(ZSTD(1)),
    `span_id` String CODEC(ZSTD(1)),
    `position` UInt16,
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `service_name` LowCardinality(String) CODEC(ZSTD(1)),
    `name` LowCardinality(String) CODEC(ZSTD(1)),
    `status_code` LowCardinality(String) CODEC(ZSTD(1)),
    `facts` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `recorded_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (trace_id, span_id, position, time)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE MATERIALIZED VIEW fact_candidates_of_logs TO fact_candidates
(
    `segment` String,
    `signal` String,
    `trace_id` String,
    `span_id` String,
    `position` UInt16,
    `time` DateTime64(9),
    `service_name` LowCardinality(String),
    `name` String,
    `status_code` String,
    `facts` Map(LowCardinality(String), String),
    `recorded_at` DateTime64(6, 'UTC')
)
AS SELECT
    getSetting('insert_deduplication_token') AS segment,
    'log' AS signal,
    TraceId AS trace_id,
    concat(SpanId, '/', lower(hex(sipHash128(ServiceName, Timestamp, EventName, Body, LogAttributes)))) AS span_id,
    toUInt16(0) AS position,
    Timestamp AS time,
    ServiceName AS service_name,
    EventName AS name,
    if(SeverityNumber >= 17, 'Error', 'Unset') AS status_code,
    mapFilter((k, v) -> (startsWith(k, 'q2c.') OR (k IN ('error.type', 'messaging.message.conversation_id'))), LogAttributes) AS facts,
    recorded_at
FROM otel_logs
WHERE startsWith(EventName, 'q2c.') OR mapContains(LogAttributes, 'q2c.event') OR (EventName IN ('opportunity.created', 'opportunity.won', 'opportunity.lost', 'quote.created', 'quote.priced', 'quote.validated', 'quote.submitted', 'quote.approved', 'quote.rejected', 'quote.revised', 'quote.sent', 'quote.accepted', 'quote.declined', 'quote.expired', 'approval.requested', 'approval.granted', 'approval.denied', 'approval.escalated', 'approval.delegated', 'contract.sent', 'contract.signed', 'contract.voided', 'credit.checked', 'credit.held', 'credit.released', 'tax.calculated', 'tax.failed', 'order.created', 'order.booked', 'order.changed', 'order.blocked', 'order.released', 'order.failed', 'order.cancelled', 'fulfilment.started', 'fulfilment.shipped', 'fulfilment.completed', 'fulfilment.returned', 'invoice.created', 'invoice.posted', 'invoice.sent', 'invoice.disputed', 'invoice.corrected', 'invoice.cancelled', 'credit_note.posted', 'payment.requested', 'payment.received', 'payment.failed', 'payment.refunded', 'payment.applied', 'subscription.activated', 'subscription.changed', 'subscription.cancelled', 'renewal.created', 'renewal.accepted', 'renewal.lost', 'customer.created', 'customer.changed', 'customer.merged', 'ticket.opened', 'ticket.closed', 'sync.attempted', 'sync.succeeded', 'sync.failed', 'exception.raised', 'exception.assigned', 'exception.resolved', 'message.dead_lettered', 'message.replayed', 'compensation.started', 'compensation.completed', 'task.touched'));

CREATE MATERIALIZED VIEW fact_candidates_of_spans TO fact_candidates
(
    `segment` String,
    `signal` String,
    `trace_id` String,
    `span_id` String,
    `position` UInt16,
    `time` DateTime64(9),
    `service_name` LowCardinality(String),
    `name` String,
    `status_code` LowCardinality(String),
    `facts` Map(String, String),
    `recorded_at` DateTime64(6, 'UTC')
)
AS SELECT
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
        TraceId,
        SpanId,
        ServiceName,
        StatusCode,
        recorded_at,
        arrayJoin(arrayFilter(c -> arrayExists(k -> startsWith(k, 'q2c.'), mapKeys(c.4)), arrayConcat([(CAST('0', 'UInt16'), addNanoseconds(Timestamp, toInt64(Duration)), CAST(SpanName, 'String'), mapFilter((k, v) -> (startsWith(k, 'q2c.') OR (k IN ('error.type', 'messaging.message.conversation_id'))), SpanAttributes))], arrayMap((n, t, e, a) -> (CAST(n, 'UInt16'), t, CAST(e, 'String'), mapFilter((k, v) -> (startsWith(k, 'q2c.') OR (k IN ('error.type', 'messaging.message.conversation_id'))), a)), arrayEnumerate(`Events.Timestamp`), `Events.Timestamp`, `Events.Name`, `Events.Attributes`)))) AS item
    FROM otel_traces
    WHERE arrayExists(k -> startsWith(k, 'q2c.'), mapKeys(SpanAttributes)) OR arrayExists(m -> arrayExists(k -> startsWith(k, 'q2c.'), mapKeys(m)), `Events.Attributes`)
);

CREATE TABLE imports
(
    `dataset` LowCardinality(String),
    `import_id` String CODEC(ZSTD(1)),
    `files` Array(String),
    `format` LowCardinality(String),
    `mapping` String CODEC(ZSTD(3)),
    `leading_type` LowCardinality(String),
    `started_at` DateTime64(6, 'UTC'),
    `finished_at` Nullable(DateTime64(6, 'UTC')),
    `read` UInt64,
    `accepted` UInt64,
    `stored` UInt64,
    `rejected` Map(String, UInt64),
    `notes` Array(String),
    `version` UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (dataset, import_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE TABLE instance_conversations
(
    `dataset` LowCardinality(String),
    `conversation` String CODEC(ZSTD(1)),
    `instance_id` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, conversation, instance_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW instance_conversations_of_instances TO instance_conversations
(
    `dataset` LowCardinality(String),
    `conversation` String,
    `instance_id` String
)
AS SELECT
    dataset,
    arrayJoin(conversations) AS conversation,
    instance_id
FROM instances;

CREATE TABLE instance_objects
(
    `dataset` LowCardinality(String),
    `object_key` String CODEC(ZSTD(1)),
    `instance_id` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, object_key, instance_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW instance_objects_of_instances TO instance_objects
(
    `dataset` LowCardinality(String),
    `object_key` String,
    `instance_id` String
)
AS SELECT
    dataset,
    arrayJoin(names) AS object_key,
    instance_id
FROM instances;

CREATE TABLE instance_redirects
(
    `dataset` LowCardinality(String),
    `old_id` String CODEC(ZSTD(1)),
    `new_id` String CODEC(ZSTD(1)),
    `version` UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (dataset, old_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE TABLE instances
(
    `dataset` LowCardinality(String),
    `instance_id` String CODEC(ZSTD(1)),
    `leader_type` LowCardinality(String),
    `leader_number` String CODEC(ZSTD(1)),
    `customer` String CODEC(ZSTD(1)),
    `region` LowCardinality(String),
    `business_unit` LowCardinality(String),
    `legal_entity` LowCardinality(String),
    `product_family` LowCardinality(String),
    `sales_channel` LowCardinality(String),
    `customer_tier` LowCardinality(String),
    `amount` Nullable(Decimal(38, 6)),
    `currency` LowCardinality(String),
    `status` LowCardinality(String),
    `stage` LowCardinality(String),
    `stage_since` Nullable(DateTime64(6, 'UTC')),
    `stage_due` Nullable(DateTime64(6, 'UTC')),
    `opened_at` DateTime64(6, 'UTC'),
    `last_event_at` DateTime64(6, 'UTC'),
    `closed_at` Nullable(DateTime64(6, 'UTC')),
    `has_failure` UInt8,
    `variant` UInt64,
    `activities` Array(LowCardinality(String)),
    `times` Array(DateTime64(6, 'UTC')),
    `events.hash` Array(UInt64),
    `events.activity` Array(LowCardinality(String)),
    `events.stage` Array(LowCardinality(String)),
    `events.time` Array(DateTime64(6, 'UTC')),
    `events.shared` Array(UInt8),
    `objects.key` Array(String),
    `objects.type` Array(LowCardinality(String)),
    `objects.role` Array(LowCardinality(String)),
    `objects.share` Array(Float64),
    `objects.basis` Array(LowCardinality(String)),
    `objects.amount` Array(Nullable(Decimal(38, 6))),
    `objects.currency` Array(LowCardinality(String)),
    `links.from_key` Array(String),
    `links.to_key` Array(String),
    `links.kind` Array(LowCardinality(String)),
    `links.evidence` Array(LowCardinality(String)),
    `links.basis` Array(LowCardinality(String)),
    `links.amount` Array(Nullable(Decimal(38, 6))),
    `links.proof_source` Array(LowCardinality(String)),
    `links.proof_id` Array(String),
    `stages.name` Array(LowCardinality(String)),
    `stages.object` Array(String),
    `stages.entered_at` Array(DateTime64(6, 'UTC')),
    `stages.completed_at` Array(Nullable(DateTime64(6, 'UTC'))),
    `stages.due_at` Array(Nullable(DateTime64(6, 'UTC'))),
    `stages.due_from` Array(LowCardinality(String)),
    `stages.state` Array(LowCardinality(String)),
    `stages.amount` Array(Nullable(Decimal(38, 6))),
    `stages.currency` Array(LowCardinality(String)),
    `stages.dated_at` Array(DateTime64(6, 'UTC')),
    `syncs.stage` Array(LowCardinality(String)),
    `syncs.from_system` Array(LowCardinality(String)),
    `syncs.to_system` Array(LowCardinality(String)),
    `syncs.object` Array(String),
    `syncs.obliged_at` Array(DateTime64(6, 'UTC')),
    `syncs.due_at` Array(DateTime64(6, 'UTC')),
    `syncs.first_success_at` Array(Nullable(DateTime64(6, 'UTC'))),
    `syncs.attempts` Array(UInt32),
    `syncs.failures` Array(UInt32),
    `syncs.last_error_type` Array(LowCardinality(String)),
    `syncs.amount` Array(Nullable(Decimal(38, 6))),
    `syncs.currency` Array(LowCardinality(String)),
    `exceptions.id` Array(String),
    `exceptions.class` Array(LowCardinality(String)),
    `exceptions.owner` Array(String),
    `exceptions.stage` Array(LowCardinality(String)),
    `exceptions.object` Array(String),
    `exceptions.raised_at` Array(DateTime64(6, 'UTC')),
    `exceptions.resolved_at` Array(Nullable(DateTime64(6, 'UTC'))),
    `exceptions.error_type` Array(LowCardinality(String)),
    `exceptions.amount` Array(Nullable(Decimal(38, 6))),
    `exceptions.currency` Array(LowCardinality(String)),
    `names` Array(String),
    `conversations` Array(String),
    `version` UInt64,
    `deleted` UInt8,
    INDEX by_customer customer TYPE bloom_filter(0.001) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (dataset, instance_id)
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 10000;

CREATE TABLE link_ends
(
    `dataset` LowCardinality(String),
    `object_key` String CODEC(ZSTD(1)),
    `other_key` String CODEC(ZSTD(1)),
    `direction` LowCardinality(String),
    `kind` LowCardinality(String),
    `evidence` LowCardinality(String),
    `event_hash` UInt64,
    `segment` String CODEC(ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, object_key, other_key, kind, event_hash)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW link_ends_of_events TO link_ends
(
    `dataset` LowCardinality(String),
    `object_key` String,
    `other_key` String,
    `direction` String,
    `kind` String,
    `evidence` String,
    `event_hash` UInt64,
    `segment` String
)
AS SELECT
    dataset,
    end.1 AS object_key,
    end.2 AS other_key,
    end.3 AS direction,
    link.3 AS kind,
    link.4 AS evidence,
    event_hash,
    getSetting('insert_deduplication_token') AS segment
FROM
(
    SELECT
        dataset,
        event_hash,
        link,
        arrayJoin([(link.1, link.2, 'out'), (link.2, link.1, 'in')]) AS end
    FROM
    (
        SELECT
            dataset,
            event_hash,
            arrayJoin(arrayZip(links.from_key, links.to_key, links.kind, links.evidence)) AS link
        FROM business_events
    )
);

CREATE TABLE object_names
(
    `dataset` LowCardinality(String),
    `name` String CODEC(ZSTD(1)),
    `object_key` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, name, object_key)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW object_names_of_events TO object_names
(
    `dataset` LowCardinality(String),
    `name` String,
    `object_key` String
)
AS SELECT DISTINCT
    dataset,
    lowerUTF8(decodeURLComponent(splitByChar(':', object_key)[3])) AS name,
    object_key
FROM
(
    SELECT
        dataset,
        arrayJoin(arrayConcat(object_keys, links.from_key, links.to_key, [sync_object])) AS object_key
    FROM business_events
)
WHERE notEmpty(object_key) AND (NOT startsWith(object_key, 'trace:')) AND (NOT startsWith(object_key, 'correlation:'));

CREATE TABLE otel_logs
(
    `Timestamp` DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    `TimestampTime` DateTime DEFAULT toDateTime(Timestamp),
    `TraceId` String CODEC(ZSTD(1)),
    `SpanId` String CODEC(ZSTD(1)),
    `TraceFlags` UInt8,
    `SeverityText` LowCardinality(String) CODEC(ZSTD(1)),
    `SeverityNumber` UInt8,
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `Body` String CODEC(ZSTD(1)),
    `ResourceSchemaUrl` LowCardinality(String) CODEC(ZSTD(1)),
    `ResourceAttributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `ScopeSchemaUrl` LowCardinality(String) CODEC(ZSTD(1)),
    `ScopeName` String CODEC(ZSTD(1)),
    `ScopeVersion` LowCardinality(String) CODEC(ZSTD(1)),
    `ScopeAttributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `LogAttributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `EventName` String CODEC(ZSTD(1)),
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_scope_attr_key mapKeys(ScopeAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_scope_attr_value mapValues(ScopeAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_log_attr_key mapKeys(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_log_attr_value mapValues(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_body lower(Body) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toDate(TimestampTime)
PRIMARY KEY (ServiceName, TimestampTime)
ORDER BY (ServiceName, TimestampTime, Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE otel_traces
(
    `Timestamp` DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    `TraceId` String CODEC(ZSTD(1)),
    `SpanId` String CODEC(ZSTD(1)),
    `ParentSpanId` String CODEC(ZSTD(1)),
    `TraceState` String CODEC(ZSTD(1)),
    `SpanName` LowCardinality(String) CODEC(ZSTD(1)),
    `SpanKind` LowCardinality(String) CODEC(ZSTD(1)),
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `ResourceAttributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `ScopeName` String CODEC(ZSTD(1)),
    `ScopeVersion` String CODEC(ZSTD(1)),
    `SpanAttributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `Duration` UInt64 CODEC(T64, ZSTD(1)),
    `StatusCode` LowCardinality(String) CODEC(ZSTD(1)),
    `StatusMessage` String CODEC(ZSTD(1)),
    `Events.Timestamp` Array(DateTime64(9)) CODEC(ZSTD(1)),
    `Events.Name` Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Links.TraceId` Array(String) CODEC(ZSTD(1)),
    `Links.SpanId` Array(String) CODEC(ZSTD(1)),
    `Links.TraceState` Array(String) CODEC(ZSTD(1)),
    `Links.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1,
    INDEX idx_lower_span_name lower(SpanName) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 10, min_age_to_force_merge_seconds = 21600, min_age_to_force_merge_on_partition_only = 1;

CREATE TABLE otel_traces_trace_id_ts
(
    `TraceId` String CODEC(ZSTD(1)),
    `Start` SimpleAggregateFunction(min, DateTime) CODEC(ZSTD(1)),
    `End` SimpleAggregateFunction(max, DateTime) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfWeek(Start)
ORDER BY TraceId
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW otel_traces_trace_id_ts_mv TO otel_traces_trace_id_ts
(
    `TraceId` String,
    `Start` DateTime,
    `End` DateTime
)
AS SELECT
    TraceId,
    min(toDateTime(Timestamp)) AS Start,
    max(toDateTime(Timestamp)) AS End
FROM otel_traces
WHERE notEmpty(TraceId)
GROUP BY TraceId;

CREATE TABLE rates
(
    `currency` LowCardinality(String),
    `reporting_currency` LowCardinality(String),
    `valid_from` Date,
    `rate` Decimal(38, 12),
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (reporting_currency, currency, valid_from)
SETTINGS index_granularity = 8192;

CREATE TABLE rejected_events
(
    `dataset` LowCardinality(String),
    `source` LowCardinality(String),
    `id` String CODEC(ZSTD(1)),
    `type` LowCardinality(String),
    `door` LowCardinality(String),
    `pointer` String CODEC(ZSTD(1)),
    `reason` LowCardinality(String),
    `detail` String CODEC(ZSTD(1)),
    `payload` String CODEC(ZSTD(3)),
    `received_at` DateTime64(6, 'UTC'),
    `segment` String DEFAULT getSetting('insert_deduplication_token') CODEC(ZSTD(1)),
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, reason, received_at)
TTL toDateTime(received_at) + toIntervalDay(30) WHERE reason = 'undecodable'
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE TABLE schema_migrations
(
    `id` String,
    `checksum` String,
    `applied_at` DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192;

CREATE TABLE source_hours
(
    `dataset` LowCardinality(String),
    `source` LowCardinality(String),
    `type` LowCardinality(String),
    `hour` DateTime('UTC'),
    `minutes` SimpleAggregateFunction(groupBitOr, UInt64),
    `events` SimpleAggregateFunction(sum, UInt64),
    `late` SimpleAggregateFunction(sum, UInt64),
    `delays` AggregateFunction(quantilesTDigest(0.5, 0.95), Float64),
    `last_event_time` SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    `last_received_at` SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (dataset, source, type, hour)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE MATERIALIZED VIEW source_hours_of_events TO source_hours
(
    `dataset` LowCardinality(String),
    `source` LowCardinality(String),
    `type` LowCardinality(String),
    `hour` DateTime('UTC'),
    `minutes` UInt64,
    `events` UInt64,
    `late` UInt64,
    `delays` AggregateFunction(quantilesTDigest(0.5, 0.95), Float64),
    `last_event_time` DateTime64(6, 'UTC'),
    `last_received_at` DateTime64(6, 'UTC')
)
AS SELECT
    dataset,
    source,
    type,
    toStartOfHour(event_time) AS hour,
    groupBitOr(bitShiftLeft(toUInt64(1), toMinute(event_time))) AS minutes,
    count() AS events,
    countIf(delay > 900) AS late,
    quantilesTDigestState(0.5, 0.95)(delay) AS delays,
    max(event_time) AS last_event_time,
    max(received_at) AS last_received_at
FROM
(
    SELECT
        dataset,
        source,
        type,
        event_time,
        received_at,
        toFloat64(toUnixTimestamp64Micro(ifNull(recorded_time, received_at)) - toUnixTimestamp64Micro(event_time)) / 1000000. AS delay
    FROM business_events
    WHERE source != 'urn:otel:throughline'
)
GROUP BY
    dataset,
    source,
    type,
    hour;

CREATE TABLE source_sequences
(
    `dataset` LowCardinality(String),
    `source` LowCardinality(String),
    `number` UInt64,
    `event_time` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, source, number)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE MATERIALIZED VIEW source_sequences_of_events TO source_sequences
(
    `dataset` LowCardinality(String),
    `source` LowCardinality(String),
    `number` UInt64,
    `event_time` DateTime64(6, 'UTC')
)
AS SELECT
    dataset,
    source,
    toUInt64OrZero(sequence) AS number,
    event_time
FROM business_events
WHERE (sequence_type = 'Integer') AND match(sequence, '^[0-9]{1,19}$');

CREATE TABLE span_objects
(
    `object_type` LowCardinality(String),
    `object_id` String CODEC(ZSTD(1)),
    `system` LowCardinality(String),
    `trace_id` String CODEC(ZSTD(1)),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (object_type, object_id, system, trace_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW span_objects_of_candidates TO span_objects
(
    `object_type` String,
    `object_id` String,
    `system` String,
    `trace_id` String,
    `time` DateTime64(9, 'UTC')
)
AS SELECT
    substring(fact.1, 5, length(fact.1) - 7) AS object_type,
    fact.2 AS object_id,
    if(mapContains(facts, 'q2c.source_system'), facts['q2c.source_system'], service_name) AS system,
    trace_id,
    time
FROM
(
    SELECT
        trace_id,
        service_name,
        time,
        facts,
        arrayJoin(arrayZip(CAST(mapKeys(facts), 'Array(String)'), mapValues(facts))) AS fact
    FROM fact_candidates
    WHERE notEmpty(trace_id) AND (service_name != 'throughline')
)
WHERE startsWith(fact.1, 'q2c.') AND endsWith(fact.1, '.id') AND notEmpty(fact.2) AND ((fact.1) NOT IN ('q2c.actor.id', 'q2c.rule.id', 'q2c.exception.id'));

CREATE TABLE stored_segments
(
    `kind` LowCardinality(String),
    `segment` String CODEC(ZSTD(1)),
    `row_count` UInt64,
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY (kind, recorded_at)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE MATERIALIZED VIEW stored_segments_of_events TO stored_segments
(
    `kind` String,
    `segment` String,
    `row_count` UInt64
)
AS SELECT
    'events' AS kind,
    getSetting('insert_deduplication_token') AS segment,
    count() AS row_count
FROM business_events
GROUP BY segment;

CREATE MATERIALIZED VIEW stored_segments_of_logs TO stored_segments
(
    `kind` String,
    `segment` String,
    `row_count` UInt64
)
AS SELECT
    'logs' AS kind,
    getSetting('insert_deduplication_token') AS segment,
    count() AS row_count
FROM otel_logs
GROUP BY segment;

CREATE MATERIALIZED VIEW stored_segments_of_rejected TO stored_segments
(
    `kind` String,
    `segment` String,
    `row_count` UInt64
)
AS SELECT
    'rejected' AS kind,
    getSetting('insert_deduplication_token') AS segment,
    count() AS row_count
FROM rejected_events
GROUP BY segment;

CREATE MATERIALIZED VIEW stored_segments_of_traces TO stored_segments
(
    `kind` String,
    `segment` String,
    `row_count` UInt64
)
AS SELECT
    'traces' AS kind,
    getSetting('insert_deduplication_token') AS segment,
    count() AS row_count
FROM otel_traces
GROUP BY segment;

CREATE TABLE trace_links
(
    `trace_id` String CODEC(ZSTD(1)),
    `other_trace_id` String CODEC(ZSTD(1)),
    `segment` String CODEC(ZSTD(1)),
    `recorded_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_recorded_at recorded_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (trace_id, other_trace_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW trace_links_of_spans TO trace_links
(
    `trace_id` String,
    `other_trace_id` String,
    `segment` String,
    `recorded_at` DateTime64(6, 'UTC')
)
AS SELECT DISTINCT
    pair.1 AS trace_id,
    pair.2 AS other_trace_id,
    getSetting('insert_deduplication_token') AS segment,
    recorded_at
FROM
(
    SELECT
        arrayJoin([(TraceId, linked), (linked, TraceId)]) AS pair,
        recorded_at
    FROM otel_traces
    ARRAY JOIN `Links.TraceId` AS linked
    WHERE notEmpty(linked) AND notEmpty(TraceId) AND (linked != TraceId)
);

