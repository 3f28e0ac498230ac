-- A schedule is a row that any replica fires: when, and the job that it makes. Times are microseconds since 1970 (UTC).
-- Nothing ran schedules before, so there is none to keep.

DROP TABLE schedules;

CREATE TABLE schedules (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Five fields, on the clock of an IANA time zone.
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    -- What to do about fire times that passed while nobody was there.
    catch_up TEXT NOT NULL CHECK (catch_up IN ('none', 'last', 'all')),
    -- Since when cron and zone are what they are: nothing before that is missed.
    since_us INTEGER NOT NULL,
    -- The job, as in `jobs`.
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    concurrency_key TEXT,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    lease_us INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;
