-- One row an instance, whole: its objects, events, stages, hand-overs and exceptions are arrays of the row, so a
-- recomputation replaces all of them at once and nothing of an older growth can be left behind.
-- version is the number of the recomputation (never a clock); deleted marks an instance that no longer exists.
CREATE TABLE IF NOT EXISTS instances
(
    dataset        LowCardinality(String),
    instance_id    String CODEC(ZSTD(1)),
    leader_type    LowCardinality(String),
    leader_number  String CODEC(ZSTD(1)),                    -- the leading object's own id, as people say it
    customer       String CODEC(ZSTD(1)),                    -- key of the customer, '' when none is named
    region         LowCardinality(String),
    business_unit  LowCardinality(String),
    legal_entity   LowCardinality(String),
    product_family LowCardinality(String),
    sales_channel  LowCardinality(String),
    customer_tier  LowCardinality(String),
    amount         Nullable(Decimal(38, 6)),
    currency       LowCardinality(String),
    status         LowCardinality(String),                   -- open, completed, withdrawn
    stage          LowCardinality(String),                   -- the current stage, '' when none is open
    stage_since    Nullable(DateTime64(6, 'UTC')),
    stage_due      Nullable(DateTime64(6, 'UTC')),
    opened_at      DateTime64(6, 'UTC'),
    last_event_at  DateTime64(6, 'UTC'),
    closed_at      Nullable(DateTime64(6, 'UTC')),
    has_failure    UInt8,                                    -- 1 when any event of it failed
    variant        UInt64,                                   -- of the stage-bearing activities in order
    activities     Array(LowCardinality(String)),            -- the trace: stage-bearing event types in total order
    times          Array(DateTime64(6, 'UTC')),
    events Nested                                            -- every event in total order
    (
        hash     UInt64,
        activity LowCardinality(String),
        stage    LowCardinality(String),
        time     DateTime64(6, 'UTC'),
        shared   UInt8                                       -- 1 when it also stands in other instances
    ),
    objects Nested
    (
        key      String,
        type     LowCardinality(String),
        role     LowCardinality(String),                     -- own, context
        share    Float64,                                    -- 1 = wholly of this instance
        basis    LowCardinality(String),                     -- whole, stated, lines, amounts, equal
        amount   Nullable(Decimal(38, 6)),                   -- this instance's share of the document's amount
        currency LowCardinality(String)
    ),
    links Nested
    (
        from_key     String,
        to_key       String,
        kind         LowCardinality(String),
        evidence     LowCardinality(String),
        basis        LowCardinality(String),
        amount       Nullable(Decimal(38, 6)),
        proof_source LowCardinality(String),
        proof_id     String
    ),
    stages Nested                                            -- one a wait: a stage of one branch, for one object
    (
        name         LowCardinality(String),
        object       String,
        entered_at   DateTime64(6, 'UTC'),
        completed_at Nullable(DateTime64(6, 'UTC')),
        due_at       Nullable(DateTime64(6, 'UTC')),
        due_from     LowCardinality(String),                 -- event, terms, configuration, reference
        state        LowCardinality(String),                 -- open, done, skipped, withdrawn
        amount       Nullable(Decimal(38, 6)),
        currency     LowCardinality(String),
        dated_at     DateTime64(6, 'UTC')                    -- the document's first fact: its date, for exchange rates
    ),
    syncs Nested                                             -- one an object that crossed or should have crossed
    (
        stage            LowCardinality(String),
        from_system      LowCardinality(String),
        to_system        LowCardinality(String),
        object           String,
        obliged_at       DateTime64(6, 'UTC'),               -- promised, or first attempted
        due_at           DateTime64(6, 'UTC'),
        first_success_at Nullable(DateTime64(6, 'UTC')),
        attempts         UInt32,
        failures         UInt32,
        last_error_type  LowCardinality(String),
        amount           Nullable(Decimal(38, 6)),
        currency         LowCardinality(String)
    ),
    exceptions Nested
    (
        id          String,
        class       LowCardinality(String),
        owner       String,
        stage       LowCardinality(String),
        object      String,
        raised_at   DateTime64(6, 'UTC'),
        resolved_at Nullable(DateTime64(6, 'UTC')),
        error_type  LowCardinality(String),
        amount      Nullable(Decimal(38, 6)),
        currency    LowCardinality(String)
    ),
    names          Array(String),                            -- its objects' keys, and those that name the same things
    conversations  Array(String),                            -- those that its derived links rest on
    version        UInt64,
    deleted        UInt8,
    INDEX by_customer customer TYPE bloom_filter(0.001) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (dataset, instance_id)
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 10000;

-- Which instances hold, or once held, an object: the way from an object to its instances.
CREATE TABLE IF NOT EXISTS instance_objects
(
    dataset     LowCardinality(String),
    object_key  String CODEC(ZSTD(1)),
    instance_id String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, object_key, instance_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS instance_objects_of_instances TO instance_objects AS
SELECT dataset, arrayJoin(names) AS object_key, instance_id
FROM instances;

-- Which instances rest, or once rested, on a conversation: when it grows into a batch, they are grown again without it.
CREATE TABLE IF NOT EXISTS instance_conversations
(
    dataset      LowCardinality(String),
    conversation String CODEC(ZSTD(1)),
    instance_id  String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (dataset, conversation, instance_id)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS instance_conversations_of_instances TO instance_conversations AS
SELECT dataset, arrayJoin(conversations) AS conversation, instance_id
FROM instances;

-- Old ids keep leading to the instance that took their documents over.
CREATE TABLE IF NOT EXISTS instance_redirects
(
    dataset LowCardinality(String),
    old_id  String CODEC(ZSTD(1)),
    new_id  String CODEC(ZSTD(1)),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (dataset, old_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Dated exchange rates: one unit of currency is rate units of reporting_currency from valid_from on.
CREATE TABLE IF NOT EXISTS rates
(
    currency           LowCardinality(String),
    reporting_currency LowCardinality(String),
    valid_from         Date,
    rate               Decimal(38, 12),
    recorded_at        DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (reporting_currency, currency, valid_from);

-- What was imported into which dataset: one row an import; version 1 while it runs, 2 when it is over.
CREATE TABLE IF NOT EXISTS imports
(
    dataset      LowCardinality(String),
    import_id    String CODEC(ZSTD(1)),
    files        Array(String),
    format       LowCardinality(String),
    mapping      String CODEC(ZSTD(3)),                      -- the mapping file's text, '' when the log keeps its own words
    leading_type LowCardinality(String),                     -- the object type whose objects are the cases; '' when the canon leads
    started_at   DateTime64(6, 'UTC'),
    finished_at  Nullable(DateTime64(6, 'UTC')),             -- null while it runs, or when it was cut short
    read         UInt64,
    accepted     UInt64,
    stored       UInt64,                                     -- the others were stored before
    rejected     Map(String, UInt64),                        -- reason → rows
    notes        Array(String),
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (dataset, import_id)
SETTINGS non_replicated_deduplication_window = 10000;
