-- What a record acknowledged under a key that is gone is found by the record. SQLite takes a partial index only where it seems cheaper than the
-- primary key: so the condition's column is in it, and the one that is asked for.
CREATE INDEX row_states_removed ON row_states (account, integration, outcome, destination_id) WHERE outcome = 'removed';
DROP INDEX run_rows_removals;
CREATE INDEX run_rows_removals ON run_rows (account, run, removal, destination_id, key_hash) WHERE removal = 1;
