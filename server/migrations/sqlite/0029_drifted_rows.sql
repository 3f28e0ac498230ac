-- Of a matched row: somebody changed a field of its record since an earlier run wrote it.
ALTER TABLE run_rows ADD COLUMN drifted INTEGER NOT NULL DEFAULT 0;
UPDATE run_rows SET drifted = 1 WHERE removal = 0 AND reason LIKE 'somebody changed %';
CREATE INDEX run_rows_drifted ON run_rows (account, run, seq) WHERE drifted = 1;
