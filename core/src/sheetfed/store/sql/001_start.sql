-- Order is kept by numbers, never by time: a clock may jump.

CREATE TABLE documents (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    owner   TEXT NOT NULL,
    title   TEXT NOT NULL,
    created REAL NOT NULL,
    changed REAL NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX documents_by_owner ON documents (owner, number);

-- One key for each document, sealed with the master key. Without its row the pages are noise.
CREATE TABLE keys (
    document TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    sealed   BLOB NOT NULL
) WITHOUT ROWID;

-- A page is a place in a sealed file. Its file's key is sealed with the document's key.
CREATE TABLE pages (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    document   TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    dpi_x      REAL NOT NULL,
    dpi_y      REAL NOT NULL,
    side       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    etag       TEXT NOT NULL,
    marks      TEXT NOT NULL,
    created    REAL NOT NULL,
    blob       TEXT NOT NULL,
    blob_index INTEGER NOT NULL DEFAULT 0,
    key        BLOB NOT NULL,
    job        TEXT
);
CREATE INDEX pages_by_document ON pages (document, position);
CREATE INDEX pages_by_job ON pages (job);
CREATE INDEX pages_by_blob ON pages (blob);

-- Small pictures of a page: a range of its file, or of a file of their own made later.
CREATE TABLE pictures (
    page       TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    blob       TEXT NOT NULL,
    start      INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    PRIMARY KEY (page, kind)
) WITHOUT ROWID;
CREATE INDEX pictures_by_blob ON pictures (blob);

-- AUTOINCREMENT keeps a number from coming twice after the oldest events went.
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    topic  TEXT NOT NULL,
    data   TEXT NOT NULL,
    at     REAL NOT NULL,
    owner  TEXT NOT NULL
);

CREATE TABLE jobs (
    id               TEXT PRIMARY KEY NOT NULL,
    owner            TEXT NOT NULL,
    state            TEXT NOT NULL,
    request          TEXT NOT NULL,
    document         TEXT,
    error            TEXT,
    version          INTEGER NOT NULL DEFAULT 0,
    created          REAL NOT NULL,
    changed          REAL NOT NULL,
    pages            INTEGER NOT NULL DEFAULT 0,
    idempotency_key  TEXT,
    idempotency_hash TEXT,
    UNIQUE (owner, idempotency_key)
);
CREATE INDEX jobs_by_state ON jobs (state);
