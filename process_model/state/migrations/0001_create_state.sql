-- Operational state: what must be changed in one transaction, and is no analysis.
CREATE TABLE counters
(
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE cursors
(
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Segments whose events have been worked into the instances.
CREATE TABLE walked_segments
(
    segment   TEXT PRIMARY KEY,
    walked_at TEXT NOT NULL
);

-- Links that a person declared wrong; they count no more until the row is gone.
CREATE TABLE undone_links
(
    dataset   TEXT NOT NULL,
    from_key  TEXT NOT NULL,
    to_key    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    undone_by TEXT NOT NULL,
    why       TEXT NOT NULL,
    undone_at TEXT NOT NULL,
    PRIMARY KEY (dataset, from_key, to_key, kind)
);

-- Work that one room asks of another.
CREATE TABLE requests
(
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    state      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    done_at    TEXT,
    answer     TEXT
);
