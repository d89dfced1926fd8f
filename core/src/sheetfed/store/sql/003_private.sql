-- A private document's key is in memory only; its rows go when the next service starts.
ALTER TABLE documents ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN private INTEGER NOT NULL DEFAULT 0;

-- When a document was used last, by the store's own clock.
ALTER TABLE documents ADD COLUMN used REAL NOT NULL DEFAULT 0;

-- The store's own clock as it was seen last, and what the computer's clocks said then.
CREATE TABLE clock (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    now     REAL NOT NULL,
    wall    REAL NOT NULL,
    running REAL NOT NULL,
    boot    TEXT NOT NULL
);

-- Words rest sealed from here on; those that were written before are sealed now.
UPDATE documents SET title = sealed(title, 0);
UPDATE pages SET marks = sealed(marks, 0);
UPDATE jobs SET request = sealed(request, 0), error = sealed(error, 0);
UPDATE events SET data = sealed(data, 0);
