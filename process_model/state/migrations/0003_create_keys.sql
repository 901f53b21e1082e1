-- Keys by which senders and readers are told apart. The key itself is shown once and kept nowhere.
CREATE TABLE access_keys
(
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    hash         TEXT NOT NULL,
    role         TEXT NOT NULL,
    sources      TEXT NOT NULL,
    rate         DOUBLE PRECISION,
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at   TEXT,
    revoked_by   TEXT
);

-- A name is taken while its key lives, so that revoking by name means one key.
CREATE UNIQUE INDEX access_keys_by_name ON access_keys (name) WHERE revoked_at IS NULL;
