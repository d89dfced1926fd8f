-- Pages that are safe but have yet to take their job's steps.
ALTER TABLE pages ADD COLUMN unstepped INTEGER NOT NULL DEFAULT 0;

-- Pages that a step failed at and that are kept as they came, sealed.
ALTER TABLE jobs ADD COLUMN problems TEXT;
