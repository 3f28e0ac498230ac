-- Consents under way: an admin was sent to a vendor, and has not confirmed what came back. Times are microseconds since 1970 (UTC).
CREATE TABLE authorizations (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    -- Who asked, and in which session.
    agent_id INTEGER NOT NULL,
    session INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- SHA-256 of OAuth's `state`, in hexadecimal digits.
    state_hash TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'answered', 'granted', 'failed')),
    -- JSON: what the connection will be, and what came back; holds no secret.
    detail TEXT NOT NULL,
    -- JSON, encrypted by the seal key of that id.
    secret BLOB,
    key_id TEXT,
    -- Numbers that an admin typed to confirm it.
    tries INTEGER NOT NULL DEFAULT 0,
    expires_us INTEGER NOT NULL,
    PRIMARY KEY (account, id),
    CHECK ((secret IS NULL) = (key_id IS NULL))
) STRICT;

-- JSON: the vendor's organization and the user that the connection acts as, as far as they are known.
ALTER TABLE connections ADD COLUMN identity TEXT;

-- Counts changes of the account's connections: replicas build the account anew.
ALTER TABLE accounts ADD COLUMN connections_version INTEGER NOT NULL DEFAULT 0;
