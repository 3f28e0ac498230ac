-- Vendor accounts that an account may use, beside those of the settings file. Times are microseconds since 1970 (UTC).
CREATE TABLE connections (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- For people.
    name TEXT NOT NULL,
    -- As the vendor calls it: production, sandbox.
    environment TEXT NOT NULL,
    -- JSON; holds no secret.
    settings TEXT NOT NULL,
    -- JSON, encrypted by the seal key of that id; both absent: there is no secret.
    secret BYTEA,
    key_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('connected', 'needs_attention', 'disconnected')),
    -- JSON: code, sentence, what to do; present while the state is needs_attention.
    state_detail TEXT,
    -- When it was last tried.
    checked_us BIGINT,
    -- Until when somebody may be asking the vendor for new tokens.
    renewing_until_us BIGINT,
    -- Counts changes of what it is and of its secret, not of its state.
    version BIGINT NOT NULL,
    PRIMARY KEY (account, id),
    CHECK ((secret IS NULL) = (key_id IS NULL)),
    CHECK ((state = 'needs_attention') = (state_detail IS NOT NULL))
);
