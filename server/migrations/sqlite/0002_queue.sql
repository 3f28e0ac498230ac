-- What we do later. Times are microseconds since 1970 (UTC).

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    concurrency_key TEXT,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'dead', 'cancelled')),
    run_at_us INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    lease_us INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until_us INTEGER,
    -- Raised by every claim: who holds an older one has lost the job.
    fence INTEGER NOT NULL,
    -- Wished for again while it ran: it runs once more.
    again INTEGER NOT NULL,
    last_error TEXT,
    -- Since when its patience runs: made, or retried by a person.
    since_us INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    finished_us INTEGER,
    CHECK (attempt >= 0 AND attempt <= max_attempts),
    CHECK ((state = 'leased') = (lease_until_us IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX jobs_live ON jobs (account, kind, key) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_ready ON jobs (account, priority DESC, run_at_us, id) WHERE state = 'ready';
CREATE INDEX jobs_due ON jobs (run_at_us) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (account, concurrency_key, lease_until_us) WHERE state = 'leased';
CREATE INDEX jobs_dead ON jobs (account, finished_us) WHERE state = 'dead';
CREATE INDEX jobs_finished ON jobs (finished_us) WHERE state IN ('done', 'cancelled');

-- Kinds that nobody claims for now; for all accounts.
CREATE TABLE paused_kinds (
    kind TEXT NOT NULL PRIMARY KEY
) STRICT;

-- One row. Claims of all replicas take turns on it, so that limits hold exactly.
CREATE TABLE queue_gate (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1)
) STRICT;
INSERT INTO queue_gate (id) VALUES (1);

-- Since when a schedule is what it is: nothing before that is missed.
CREATE TABLE schedules (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Expression and zone; when they change, what came before is not missed.
    spec TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;

-- Each fire time once, whatever the number of replicas.
CREATE TABLE schedule_fires (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    fire_us INTEGER NOT NULL,
    -- Absent: passed over on purpose.
    job_id TEXT,
    recorded_us INTEGER NOT NULL,
    PRIMARY KEY (account, name, fire_us)
) STRICT;
