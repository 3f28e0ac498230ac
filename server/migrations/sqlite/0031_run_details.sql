-- Whom or what a row is about, as the destination calls its record: a name or an address; NULL: nobody knows.
ALTER TABLE run_rows ADD COLUMN label TEXT;

-- JSON: how long each phase of the run has taken until now, in milliseconds.
ALTER TABLE integration_runs ADD COLUMN phases TEXT NOT NULL DEFAULT '{}';
-- When the phase began that it is in, or when it was seen to go on.
ALTER TABLE integration_runs ADD COLUMN phase_us INTEGER;
