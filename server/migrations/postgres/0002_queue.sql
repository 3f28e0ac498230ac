-- What we do later. Times are microseconds since 1970 (UTC).

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    concurrency_key TEXT,
    payload TEXT NOT NULL,
    priority BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'dead', 'cancelled')),
    run_at_us BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    lease_us BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until_us BIGINT,
    -- Raised by every claim: who holds an older one has lost the job.
    fence BIGINT NOT NULL,
    -- Wished for again while it ran: it runs once more.
    again BIGINT NOT NULL,
    last_error TEXT,
    -- Since when its patience runs: made, or retried by a person.
    since_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    finished_us BIGINT,
    CHECK (attempt >= 0 AND attempt <= max_attempts),
    CHECK ((state = 'leased') = (lease_until_us IS NOT NULL))
);
CREATE UNIQUE INDEX jobs_live ON jobs (account, kind, key) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_ready ON jobs (account, priority DESC, run_at_us, id) WHERE state = 'ready';
CREATE INDEX jobs_due ON jobs (run_at_us) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (account, concurrency_key, lease_until_us) WHERE state = 'leased';
CREATE INDEX jobs_dead ON jobs (account, finished_us) WHERE state = 'dead';
CREATE INDEX jobs_finished ON jobs (finished_us) WHERE state IN ('done', 'cancelled');

-- Kinds that nobody claims for now; for all accounts.
CREATE TABLE paused_kinds (
    kind TEXT NOT NULL PRIMARY KEY
);

-- One row. Claims of all replicas take turns on it, so that limits hold exactly.
CREATE TABLE queue_gate (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1)
);
INSERT INTO queue_gate (id) VALUES (1);

-- Since when a schedule is what it is: nothing before that is missed.
CREATE TABLE schedules (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Expression and zone; when they change, what came before is not missed.
    spec TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    PRIMARY KEY (account, name)
);

-- Each fire time once, whatever the number of replicas.
CREATE TABLE schedule_fires (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    fire_us BIGINT NOT NULL,
    -- Absent: passed over on purpose.
    job_id TEXT,
    recorded_us BIGINT NOT NULL,
    PRIMARY KEY (account, name, fire_us)
);
