-- What a record acknowledged is known by its key and the record, field by field, and since when. Times are microseconds since 1970 (UTC).

-- Empty: the row has no record.
UPDATE row_states SET destination_id = '' WHERE destination_id IS NULL;
ALTER TABLE row_states
    ALTER COLUMN destination_id TYPE TEXT COLLATE "C",
    ALTER COLUMN destination_id SET NOT NULL,
    DROP CONSTRAINT row_states_pkey,
    ADD PRIMARY KEY (account, integration, key_hash, destination_id);
-- JSON: {field: print of its value}; of what was acknowledged before it is not known to which fields it belongs.
UPDATE row_states SET acknowledged = '{}' WHERE acknowledged IS NOT NULL;

-- Up to when the export that the run compared with has every change.
ALTER TABLE integration_runs ADD COLUMN known_us BIGINT;
-- JSON: what a run that stopped would have changed, and what a person therefore allows when they confirm it.
ALTER TABLE integration_runs ADD COLUMN allowed TEXT;
-- The last row of the comparison that was taken over into the states.
ALTER TABLE integration_runs ADD COLUMN noted BIGINT NOT NULL DEFAULT 0;

-- How often the row was sent.
ALTER TABLE run_rows ADD COLUMN sends BIGINT NOT NULL DEFAULT 0;
-- The model no longer has it: its record's fields are emptied, or left.
ALTER TABLE run_rows ADD COLUMN removal BIGINT NOT NULL DEFAULT 0;
CREATE INDEX run_rows_removals ON run_rows (account, run, destination_id) WHERE removal = 1;
