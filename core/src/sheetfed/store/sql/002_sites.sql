-- What was decided about a site, a web origin. For 'configured' ones the configuration decides; the
-- row only says when they were used.
CREATE TABLE sites (
    origin     TEXT PRIMARY KEY NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('approved', 'blocked', 'configured')),
    any_key    INTEGER NOT NULL DEFAULT 0,
    decided    REAL NOT NULL,
    first_used REAL,
    last_used  REAL
) WITHOUT ROWID;

-- The public halves of the keys that browsers made for an approved site.
CREATE TABLE site_keys (
    origin    TEXT NOT NULL REFERENCES sites (origin) ON DELETE CASCADE,
    spki      BLOB NOT NULL,
    added     REAL NOT NULL,
    last_used REAL NOT NULL,
    PRIMARY KEY (origin, spki)
) WITHOUT ROWID;

-- Tokens of our own page, as SHA-256: a tab works on after a restart, a copy of the store gives none.
CREATE TABLE page_tokens (
    hash    BLOB PRIMARY KEY NOT NULL,
    expires REAL NOT NULL
) WITHOUT ROWID;

-- The key by which sites know this service again, sealed with the master key.
CREATE TABLE service_key (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    sealed BLOB NOT NULL
);
