-- The one folder in which the integrations' rows of all accounts lie, by the mark that is in it.
CREATE TABLE staging_folder (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mark TEXT NOT NULL,
    -- When a worker saw the mark in its folder last.
    seen_us BIGINT NOT NULL
);
