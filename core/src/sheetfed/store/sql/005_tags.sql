-- What people write on pages and documents, sealed: tags, and what a document says about itself.
ALTER TABLE pages ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN info TEXT NOT NULL DEFAULT '';
