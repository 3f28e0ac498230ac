-- Who asked for a run, and for which of its files: their right is judged again before each file leaves Zendesk.
CREATE TABLE archive_askers (
    account TEXT NOT NULL,
    run_id TEXT NOT NULL,
    asker TEXT NOT NULL,
    attachment_ids TEXT,
    asked_us BIGINT NOT NULL,
    PRIMARY KEY (account, run_id, asker)
);

-- When the copy was last read back and matched.
ALTER TABLE archive_items ADD COLUMN verified_us BIGINT;
