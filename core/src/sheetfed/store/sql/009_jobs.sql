-- Jobs of one owner, the newest first; the index ends with the number of the row.
CREATE INDEX jobs_by_owner ON jobs (owner);
