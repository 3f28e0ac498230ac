-- The contract copy: what an integration found of each company, and who belongs to it. Times are microseconds since 1970 (UTC).

-- The integration of an account that writes the copy, and its last complete run: only rows of that run are read.
CREATE TABLE contract_copies (
    account TEXT NOT NULL PRIMARY KEY,
    integration TEXT NOT NULL,
    -- For people.
    name TEXT NOT NULL,
    -- NULL: no run has been complete yet.
    run TEXT,
    completed_us BIGINT,
    -- Seconds between two runs; NULL: nothing starts them by itself.
    period_s BIGINT,
    CHECK ((run IS NULL) = (completed_us IS NULL))
);

CREATE TABLE companies (
    account TEXT NOT NULL,
    integration TEXT NOT NULL,
    run TEXT NOT NULL,
    company_id TEXT NOT NULL,
    company TEXT,
    account_type TEXT,
    subscription_status TEXT,
    -- A decimal number, exactly as the integration computed it.
    mrr TEXT,
    -- ISO 4217.
    currency TEXT,
    start_on TEXT,
    renewal_on TEXT,
    -- The source's id of the contract.
    record_id TEXT,
    -- JSON: [{"role", "name", "email"}].
    owners TEXT NOT NULL,
    -- JSON: {name: text}.
    extra TEXT NOT NULL,
    -- When the sources were read.
    as_of_us BIGINT NOT NULL,
    PRIMARY KEY (account, integration, run, company_id)
);

CREATE TABLE company_people (
    account TEXT NOT NULL,
    integration TEXT NOT NULL,
    run TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'email', 'external_id', 'organization')),
    -- The id; of an address or an external id its key: NFKC, lower case.
    value TEXT NOT NULL,
    company_id TEXT NOT NULL,
    PRIMARY KEY (account, integration, run, kind, value, company_id)
);
