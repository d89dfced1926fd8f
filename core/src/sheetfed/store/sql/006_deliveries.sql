-- Documents on their way out. A delivery has its own sealed file and key, so that it sends the same
-- bytes at each try, whatever becomes of the document.
CREATE TABLE deliveries (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    owner            TEXT NOT NULL,
    state            TEXT NOT NULL,
    target           TEXT NOT NULL,
    document         TEXT,
    job              TEXT,
    words            TEXT NOT NULL,
    resume           TEXT,
    outcome          TEXT,
    blob             TEXT,
    key              BLOB,
    size             INTEGER,
    tries            INTEGER NOT NULL DEFAULT 0,
    version          INTEGER NOT NULL DEFAULT 1,
    private          INTEGER NOT NULL DEFAULT 0,
    created          REAL NOT NULL,
    changed          REAL NOT NULL,
    idempotency_key  TEXT,
    idempotency_hash TEXT,
    UNIQUE (owner, idempotency_key)
);
CREATE INDEX deliveries_by_owner ON deliveries (owner, number);
CREATE INDEX deliveries_by_state ON deliveries (state);
