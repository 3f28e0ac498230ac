-- Integrations: what is brought from where to where, their runs, and what became of each row. Times are microseconds since 1970 (UTC).

CREATE TABLE integrations (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    -- JSON: sources, model, destination, key, mapping, ….
    definition TEXT NOT NULL,
    -- Rises with every change.
    version INTEGER NOT NULL,
    -- SHA-256 of what decides what is written: a person saw a dry run of it.
    accepted_plan TEXT,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE integration_runs (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    integration TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'resend', 'dry', 'row')),
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
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX integration_runs_live ON integration_runs (account, integration)
    WHERE state IN ('queued', 'running', 'stopped') AND kind <> 'dry';
CREATE UNIQUE INDEX integration_dry_runs_live ON integration_runs (account, integration)
    WHERE state IN ('queued', 'running') AND kind = 'dry';
CREATE INDEX integration_runs_of ON integration_runs (account, integration, requested_us);
CREATE INDEX integration_runs_by_time ON integration_runs (account, requested_us);

-- Every row of a run but those that were unchanged.
CREATE TABLE run_rows (
    account TEXT NOT NULL,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    key TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    destination_id TEXT,
    outcome TEXT NOT NULL,
    -- Why, for people.
    reason TEXT,
    -- JSON: {field: [before, after]}.
    changes TEXT,
    -- What the destination will hold once it acknowledged the row.
    fingerprint TEXT,
    -- The delivery that it goes with.
    batch INTEGER,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (account, run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_rows_by_outcome ON run_rows (account, run, outcome, seq);
CREATE INDEX run_rows_by_batch ON run_rows (account, run, batch) WHERE batch IS NOT NULL;

-- What the destination acknowledged of each row, over all runs.
CREATE TABLE row_states (
    account TEXT NOT NULL,
    integration TEXT NOT NULL,
    -- SHA-256 of the row's key, hexadecimal.
    key_hash TEXT NOT NULL,
    destination_id TEXT,
    acknowledged TEXT,
    outcome TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (account, integration, key_hash)
) STRICT, WITHOUT ROWID;

-- Vendors' jobs that write rows.
CREATE TABLE run_batches (
    account TEXT NOT NULL,
    run TEXT NOT NULL,
    batch INTEGER NOT NULL,
    -- The vendor's name of its job; NULL: it was sent, and the answer is not known.
    job TEXT,
    sent_us INTEGER NOT NULL,
    PRIMARY KEY (account, run, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_log (
    account TEXT NOT NULL,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    text TEXT NOT NULL,
    PRIMARY KEY (account, run, seq)
) STRICT, WITHOUT ROWID;

-- How far a vendor's export is kept.
CREATE TABLE exports (
    account TEXT NOT NULL,
    connection TEXT NOT NULL,
    object TEXT NOT NULL,
    -- NULL: from the beginning.
    cursor TEXT,
    -- The newest part that is whole; parts are files, numbered.
    part INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    -- Up to when everything was read at least once; NULL: not yet.
    complete_us INTEGER,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (account, connection, object)
) STRICT, WITHOUT ROWID;
