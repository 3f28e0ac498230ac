-- Keys by which an account's own machines start runs of integrations. Times are microseconds since 1970 (UTC).
CREATE TABLE machine_keys (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- SHA-256 of the whole key, hexadecimal; the key itself is nowhere.
    hash TEXT NOT NULL,
    -- As the ledger names them.
    made_by TEXT NOT NULL,
    made_us BIGINT NOT NULL,
    last_used_us BIGINT,
    revoked_us BIGINT,
    PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX machine_keys_by_name ON machine_keys (account, name) WHERE revoked_us IS NULL;
