-- What a record acknowledged is known by its key and the record, field by field, and since when. Times are microseconds since 1970 (UTC).

CREATE TABLE row_states_new (
    account TEXT NOT NULL,
    integration TEXT NOT NULL,
    -- SHA-256 of the row's key, hexadecimal.
    key_hash TEXT NOT NULL,
    -- Empty: the row has no record.
    destination_id TEXT NOT NULL,
    -- JSON: {field: print of its value}; NULL: the record acknowledged nothing.
    acknowledged TEXT,
    outcome TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT,
    -- When the record was known to hold what it acknowledged.
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (account, integration, key_hash, destination_id)
) STRICT, WITHOUT ROWID;
-- Of what was acknowledged before it is not known to which fields it belongs.
INSERT INTO row_states_new
    SELECT account, integration, key_hash, COALESCE(destination_id, ''), CASE WHEN acknowledged IS NULL THEN NULL ELSE '{}' END,
           outcome, attempts, error, updated_us
      FROM row_states;
DROP TABLE row_states;
ALTER TABLE row_states_new RENAME TO row_states;

-- Up to when the export that the run compared with has every change.
ALTER TABLE integration_runs ADD COLUMN known_us INTEGER;
-- JSON: what a run that stopped would have changed, and what a person therefore allows when they confirm it.
ALTER TABLE integration_runs ADD COLUMN allowed TEXT;
-- The last row of the comparison that was taken over into the states.
ALTER TABLE integration_runs ADD COLUMN noted INTEGER NOT NULL DEFAULT 0;

-- How often the row was sent.
ALTER TABLE run_rows ADD COLUMN sends INTEGER NOT NULL DEFAULT 0;
-- The model no longer has it: its record's fields are emptied, or left.
ALTER TABLE run_rows ADD COLUMN removal INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_rows_removals ON run_rows (account, run, destination_id) WHERE removal = 1;
