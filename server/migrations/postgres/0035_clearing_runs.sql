-- A run that empties what an integration wrote.
ALTER TABLE integration_runs DROP CONSTRAINT integration_runs_kind_check;
ALTER TABLE integration_runs ADD CONSTRAINT integration_runs_kind_check CHECK (kind IN ('run', 'resend', 'dry', 'row', 'clear'));
