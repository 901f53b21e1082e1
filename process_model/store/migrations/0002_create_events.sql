-- Business events as they were accepted, every version of each: the same (source, id) is counted once when it is read.
-- Sorted by the event's own hash, so that the events of a handful of objects are point reads; no partition, because a
-- back-fill may span years.
CREATE TABLE IF NOT EXISTS business_events
(
    dataset           LowCardinality(String) DEFAULT 'live',
    source            LowCardinality(String),
    id                String CODEC(ZSTD(1)),
    event_hash        UInt64 DEFAULT cityHash64(dataset, source, id),
    type              LowCardinality(String),
    activity          LowCardinality(String),
    subject           String CODEC(ZSTD(1)),
    event_time        DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_time_from   LowCardinality(String),
    recorded_time     Nullable(DateTime64(6, 'UTC')),
    received_at       DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    sequence          String CODEC(ZSTD(1)),
    sequence_type     LowCardinality(String),
    correlation_id    String CODEC(ZSTD(1)),
    causation_id      String CODEC(ZSTD(1)),
    trace_id          String CODEC(ZSTD(1)),
    span_id           String CODEC(ZSTD(1)),
    object_keys       Array(String) CODEC(ZSTD(1)),
    object_types      Array(LowCardinality(String)),
    object_qualifiers Array(LowCardinality(String)),
    links Nested
    (
        from_key String,
        to_key   String,
        kind     LowCardinality(String),
        evidence LowCardinality(String),
        basis    LowCardinality(String),
        amount   Nullable(Decimal(38, 6))
    ) CODEC(ZSTD(1)),
    region            LowCardinality(String),
    business_unit     LowCardinality(String),
    legal_entity      LowCardinality(String),
    product_family    LowCardinality(String),
    sales_channel     LowCardinality(String),
    customer_tier     LowCardinality(String),
    amount            Nullable(Decimal(38, 6)),
    currency          LowCardinality(String),
    actor_kind        LowCardinality(String),
    actor_id          String CODEC(ZSTD(1)),
    outcome           LowCardinality(String),
    error_type        LowCardinality(String),
    attempt           UInt32,
    idempotency_key   String CODEC(ZSTD(1)),
    sync_from         LowCardinality(String),
    sync_to           LowCardinality(String),
    sync_object       String CODEC(ZSTD(1)),
    exception_id      String CODEC(ZSTD(1)),
    exception_class   LowCardinality(String),
    exception_owner   String CODEC(ZSTD(1)),
    rule_kind         LowCardinality(String),
    rule_id           String CODEC(ZSTD(1)),
    rule_version      String CODEC(ZSTD(1)),
    due               Nullable(DateTime64(6, 'UTC')),
    payment_days      Nullable(Int32),
    fields            Map(String, String) CODEC(ZSTD(1)),
    data              String CODEC(ZSTD(3)),
    origin            LowCardinality(String),
    content_hash      String CODEC(ZSTD(1)),
    segment           String DEFAULT getSetting('insert_deduplication_token') CODEC(ZSTD(1)),
    recorded_at       DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1)),
    INDEX by_segment     segment        TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_trace       trace_id       TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_correlation correlation_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_id          id             TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_span        lower(span_id) TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_retry_key   idempotency_key TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, event_hash)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS stored_segments_of_events TO stored_segments AS
SELECT 'events' AS kind, getSetting('insert_deduplication_token') AS segment, count() AS row_count
FROM business_events
GROUP BY segment;

-- Which events speak of an object: the way from an object to its events.
CREATE TABLE IF NOT EXISTS event_objects
(
    dataset     LowCardinality(String),
    object_key  String CODEC(ZSTD(1)),
    object_type LowCardinality(String),
    qualifier   LowCardinality(String),
    event_hash  UInt64,
    segment     String CODEC(ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, object_key, event_hash)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS event_objects_of_events TO event_objects AS
SELECT dataset, object.1 AS object_key, object.2 AS object_type, object.3 AS qualifier, event_hash,
    getSetting('insert_deduplication_token') AS segment
FROM
(
    SELECT dataset, event_hash, arrayJoin(arrayZip(object_keys, object_types, object_qualifiers)) AS object
    FROM business_events
);

-- Links in both directions: an end point finds its neighbours with one range read. A link counts only while the
-- event that proves it is the winning version of itself, so these rows are candidates.
CREATE TABLE IF NOT EXISTS link_ends
(
    dataset    LowCardinality(String),
    object_key String CODEC(ZSTD(1)),
    other_key  String CODEC(ZSTD(1)),
    direction  LowCardinality(String),   -- out: object_key → other_key; in: the reverse
    kind       LowCardinality(String),
    evidence   LowCardinality(String),
    event_hash UInt64,
    segment    String CODEC(ZSTD(1)),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, object_key, other_key, kind, event_hash)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS link_ends_of_events TO link_ends AS
SELECT dataset, end.1 AS object_key, end.2 AS other_key, end.3 AS direction, link.3 AS kind, link.4 AS evidence, event_hash,
    getSetting('insert_deduplication_token') AS segment
FROM
(
    SELECT dataset, event_hash, link, arrayJoin([(link.1, link.2, 'out'), (link.2, link.1, 'in')]) AS end
    FROM
    (
        SELECT dataset, event_hash, arrayJoin(arrayZip(links.from_key, links.to_key, links.kind, links.evidence)) AS link
        FROM business_events
    )
);

-- What was spoken of under one correlation id or in one trace: at most 33 documents of each, because a conversation that
-- names more is a batch and no evidence (process_model/conversations.py holds the bound).
CREATE TABLE IF NOT EXISTS conversations
(
    dataset      LowCardinality(String),
    conversation String CODEC(ZSTD(1)),
    documents    SimpleAggregateFunction(groupUniqArrayArray(33), Array(String)) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (dataset, conversation)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS conversations_of_events TO conversations AS
SELECT dataset, link.1 AS conversation, groupUniqArray(33)(link.2) AS documents
FROM
(
    SELECT dataset, arrayJoin(arrayZip(links.to_key, links.from_key, links.kind)) AS link
    FROM business_events
)
WHERE link.3 = 'conversation'
GROUP BY dataset, conversation;

-- Objects by the id that people say, whatever its type and namespace.
CREATE TABLE IF NOT EXISTS object_names
(
    dataset    LowCardinality(String),
    name       String CODEC(ZSTD(1)),                     -- the decoded id in lower case
    object_key String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, name, object_key)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS object_names_of_events TO object_names AS
SELECT DISTINCT dataset, lowerUTF8(decodeURLComponent(splitByChar(':', object_key)[3])) AS name, object_key
FROM
(
    SELECT dataset, arrayJoin(arrayConcat(object_keys, links.from_key, links.to_key, [sync_object])) AS object_key
    FROM business_events
)
WHERE notEmpty(object_key) AND NOT startsWith(object_key, 'trace:') AND NOT startsWith(object_key, 'correlation:');

-- How each source moves, by the hour of its own clock: what coverage is computed from. The minutes in which something
-- happened are the bits of one number. A delay runs from the happening to the source's knowing of it, else to our receipt.
-- Our own spans are no source: a busy Throughline says nothing of the estate.
CREATE TABLE IF NOT EXISTS source_hours
(
    dataset          LowCardinality(String),
    source           LowCardinality(String),
    type             LowCardinality(String),
    hour             DateTime('UTC'),
    minutes          SimpleAggregateFunction(groupBitOr, UInt64),
    events           SimpleAggregateFunction(sum, UInt64),
    late             SimpleAggregateFunction(sum, UInt64),             -- delayed by more than 15 minutes
    delays           AggregateFunction(quantilesTDigest(0.5, 0.95), Float64),
    last_event_time  SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    last_received_at SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (dataset, source, type, hour)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS source_hours_of_events TO source_hours AS
SELECT dataset, source, type, toStartOfHour(event_time) AS hour,
    groupBitOr(bitShiftLeft(toUInt64(1), toMinute(event_time))) AS minutes, count() AS events, countIf(delay > 900) AS late,
    quantilesTDigestState(0.5, 0.95)(delay) AS delays, max(event_time) AS last_event_time, max(received_at) AS last_received_at
FROM
(
    SELECT dataset, source, type, event_time, received_at,
        toFloat64(toUnixTimestamp64Micro(ifNull(recorded_time, received_at)) - toUnixTimestamp64Micro(event_time)) / 1e6 AS delay
    FROM business_events
    WHERE source != 'urn:otel:throughline'
)
GROUP BY dataset, source, type, hour;

-- Numbered events of sources that promise consecutive numbers (CloudEvents sequencetype Integer): gaps are losses.
CREATE TABLE IF NOT EXISTS source_sequences
(
    dataset  LowCardinality(String),
    source   LowCardinality(String),
    number   UInt64,
    event_time DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, source, number)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS source_sequences_of_events TO source_sequences AS
SELECT dataset, source, toUInt64OrZero(sequence) AS number, event_time
FROM business_events
WHERE sequence_type = 'Integer' AND match(sequence, '^[0-9]{1,19}$');

-- What was refused, kept whole; of what was no message at all (reason undecodable) a sample, for thirty days.
CREATE TABLE IF NOT EXISTS rejected_events
(
    dataset     LowCardinality(String),
    source      LowCardinality(String),
    id          String CODEC(ZSTD(1)),
    type        LowCardinality(String),
    door        LowCardinality(String),
    pointer     String CODEC(ZSTD(1)),
    reason      LowCardinality(String),
    detail      String CODEC(ZSTD(1)),
    payload     String CODEC(ZSTD(3)),
    received_at DateTime64(6, 'UTC'),
    segment     String DEFAULT getSetting('insert_deduplication_token') CODEC(ZSTD(1)),
    recorded_at DateTime64(6, 'UTC') DEFAULT now64(6),
    INDEX by_segment segment TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (dataset, reason, received_at)
TTL toDateTime(received_at) + toIntervalDay(30) WHERE reason = 'undecodable'
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS stored_segments_of_rejected TO stored_segments AS
SELECT 'rejected' AS kind, getSetting('insert_deduplication_token') AS segment, count() AS row_count
FROM rejected_events
GROUP BY segment;
