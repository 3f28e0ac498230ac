-- A run that empties what an integration wrote (kind 'clear'). SQLite changes no CHECK, so the table is made anew.
CREATE TABLE integration_runs_new (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    integration TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'resend', 'dry', 'row', 'clear')),
    -- Of kind 'row': which.
    row_key TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'stopped', 'completed', 'failed', 'cancelled')),
    phase TEXT NOT NULL CHECK (phase IN ('reading', 'comparing', 'delivering', 'copying', 'ended')),
    -- Whom it was asked for by: an agent's id, `schedule`, `command`.
    asked_by TEXT NOT NULL,
    -- The definition as it was when the run began to read, and the plan that it makes.
    definition TEXT,
    plan TEXT,
    -- A person has seen why it stopped, and said that it goes on.
    confirmed INTEGER NOT NULL DEFAULT 0,
    counts TEXT NOT NULL DEFAULT '{}',
    -- JSON: rows of each source, by its name.
    staged TEXT NOT NULL DEFAULT '{}',
    calls INTEGER NOT NULL DEFAULT 0,
    problem_code TEXT,
    problem TEXT,
    requested_us INTEGER NOT NULL,
    started_us INTEGER,
    ended_us INTEGER,
    retry_of TEXT,
    known_us INTEGER,
    allowed TEXT,
    noted INTEGER NOT NULL DEFAULT 0,
    compared_with TEXT,
    phases TEXT NOT NULL DEFAULT '{}',
    phase_us INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
INSERT INTO integration_runs_new (account, id, integration, kind, row_key, state, phase, asked_by, definition, plan, confirmed, counts, staged,
           calls, problem_code, problem, requested_us, started_us, ended_us, retry_of, known_us, allowed, noted,
           compared_with, phases, phase_us)
    SELECT account, id, integration, kind, row_key, state, phase, asked_by, definition, plan, confirmed, counts, staged,
           calls, problem_code, problem, requested_us, started_us, ended_us, retry_of, known_us, allowed, noted,
           compared_with, phases, phase_us
      FROM integration_runs;
DROP TABLE integration_runs;
ALTER TABLE integration_runs_new RENAME TO integration_runs;
CREATE UNIQUE INDEX integration_runs_live ON integration_runs (account, integration)
    WHERE state IN ('queued', 'running', 'stopped') AND kind <> 'dry';
CREATE UNIQUE INDEX integration_dry_runs_live ON integration_runs (account, integration)
    WHERE state IN ('queued', 'running') AND kind = 'dry';
CREATE INDEX integration_runs_of ON integration_runs (account, integration, requested_us);
CREATE INDEX integration_runs_by_time ON integration_runs (account, requested_us);
