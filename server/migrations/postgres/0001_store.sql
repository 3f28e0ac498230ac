-- Ids are text, times are microseconds since 1970 (UTC), lists and objects are JSON text.

CREATE TABLE contracts (
    account TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    company_id TEXT NOT NULL,
    company TEXT,
    account_type TEXT,
    subscription_status TEXT,
    mrr DOUBLE PRECISION,
    start_on TEXT,
    renewal_on TEXT,
    owner TEXT,
    as_of_us BIGINT NOT NULL,
    PRIMARY KEY (account, user_id, source, company_id)
);

CREATE TABLE cards (
    account TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (account, subject)
);

CREATE TABLE signed_tokens (
    account TEXT NOT NULL,
    token_sha256 TEXT NOT NULL,
    expires_us BIGINT NOT NULL,
    PRIMARY KEY (account, token_sha256)
);
CREATE INDEX signed_tokens_by_expiry ON signed_tokens (expires_us);

CREATE TABLE challenges (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    agent_id BIGINT NOT NULL,
    code_sha256 TEXT NOT NULL,
    wrong BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);
CREATE INDEX challenges_by_expiry ON challenges (expires_us);

-- Shared by all accounts.
CREATE TABLE shared_keys (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE archive_runs (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    ticket_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    requested_by BIGINT NOT NULL,
    attachment_ids TEXT,
    undo_until_us BIGINT,
    problem_code TEXT,
    problem TEXT,
    noted BIGINT,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    finished_us BIGINT
);
CREATE UNIQUE INDEX archive_runs_live ON archive_runs (account, ticket_id) WHERE state IN ('queued', 'running');
CREATE INDEX archive_runs_of_ticket ON archive_runs (account, ticket_id, created_us);

CREATE TABLE archive_items (
    account TEXT NOT NULL,
    attachment_id BIGINT NOT NULL,
    comment_id BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    run_id TEXT NOT NULL REFERENCES archive_runs (id),
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('planned', 'stored', 'verified', 'redacted', 'skipped', 'held', 'failed')),
    reason_code TEXT,
    reason TEXT,
    sha256 TEXT,
    object_key TEXT,
    done_bytes BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (account, attachment_id)
);
CREATE INDEX archive_items_of_ticket ON archive_items (account, ticket_id);
CREATE INDEX archive_items_of_run ON archive_items (run_id);

CREATE TABLE ledger (
    account TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    ticket_id BIGINT,
    attachment_id BIGINT,
    sha256 TEXT,
    object_key TEXT,
    detail TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (account, seq)
);
CREATE INDEX ledger_of_ticket ON ledger (account, ticket_id, seq);

CREATE TABLE ledger_heads (
    account TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_keeps_what_it_says BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_keeps_every_row BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
