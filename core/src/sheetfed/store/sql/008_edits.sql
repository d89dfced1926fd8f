-- What was done to a page, sealed, and how many of these edits are in force. The file stays as it came.
ALTER TABLE pages ADD COLUMN edits TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;
