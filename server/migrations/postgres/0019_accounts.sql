-- The accounts that this server serves. Times are microseconds since 1970 (UTC).

CREATE TABLE accounts (
    -- The Zendesk subdomain.
    account TEXT NOT NULL PRIMARY KEY,
    -- Where its settings are: in the operator's settings file, or with its installation from the Marketplace.
    origin TEXT NOT NULL CHECK (origin IN ('file', 'installed')),
    -- Names the account in the addresses that vendors call; nobody can guess it.
    hook_key TEXT NOT NULL UNIQUE,
    created_us BIGINT NOT NULL
);
