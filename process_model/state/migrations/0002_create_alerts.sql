-- What alerting remembers. Evaluation, change of an alert and its message are written in one transaction.

-- One episode of one condition; body holds the alert whole, as JSON.
CREATE TABLE alerts
(
    id          TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    episode     BIGINT NOT NULL,
    rule        TEXT NOT NULL,
    phase       TEXT NOT NULL,
    done        BIGINT NOT NULL,
    changed_at  TEXT NOT NULL,
    body        TEXT NOT NULL
);

CREATE INDEX alerts_by_rule ON alerts (rule, done);
CREATE INDEX alerts_by_fingerprint ON alerts (fingerprint, episode);

-- What happened to an alert, and why something did not happen.
CREATE TABLE alert_notes
(
    number   BIGINT PRIMARY KEY,
    alert_id TEXT NOT NULL,
    at       TEXT NOT NULL,
    kind     TEXT NOT NULL,
    text     TEXT NOT NULL
);

CREATE INDEX alert_notes_by_alert ON alert_notes (alert_id, number);

-- Messages for people, by channel. A row is written with what it tells of, and stays when it is sent.
CREATE TABLE alert_outbox
(
    number     BIGINT PRIMARY KEY,
    key        TEXT NOT NULL,
    channel    TEXT NOT NULL,
    thread     TEXT NOT NULL,
    alert_ids  TEXT NOT NULL,
    message    TEXT NOT NULL,
    state      TEXT NOT NULL,
    attempts   BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    due_at     TEXT NOT NULL,
    sent_at    TEXT,
    answer     TEXT NOT NULL,
    UNIQUE (key, channel)
);

CREATE INDEX alert_outbox_by_state ON alert_outbox (state, number);

-- What nobody wants to hear of for a time: labels that must all match.
CREATE TABLE alert_silences
(
    id        TEXT PRIMARY KEY,
    labels    TEXT NOT NULL,
    begins_at TEXT NOT NULL,
    ends_at   TEXT NOT NULL,
    set_by    TEXT NOT NULL,
    why       TEXT NOT NULL
);

-- When each rule was last looked at, and what went wrong.
CREATE TABLE alert_rounds
(
    rule         TEXT PRIMARY KEY,
    evaluated_at TEXT NOT NULL,
    failure      TEXT NOT NULL,
    missed       BIGINT NOT NULL
);

-- Links that were followed: each works once.
CREATE TABLE alert_links
(
    nonce       TEXT PRIMARY KEY,
    followed_at TEXT NOT NULL,
    followed_by TEXT NOT NULL
);

-- What this installation signs its own links with.
CREATE TABLE secrets
(
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
