-- Which integrations are in trouble, which rows a run sends again, and what was said about one row. Times are microseconds since 1970 (UTC).

-- Why somebody was told, and when; NULL: it works.
ALTER TABLE integrations ADD COLUMN trouble TEXT;
ALTER TABLE integrations ADD COLUMN trouble_us INTEGER;

-- Of kind 'row', where it sends the rejected and waiting rows of another run again: which run.
ALTER TABLE integration_runs ADD COLUMN retry_of TEXT;

-- JSON: what was sent for the row, what was answered, and what the record holds; only of a run of one row.
ALTER TABLE run_rows ADD COLUMN exchange TEXT;
