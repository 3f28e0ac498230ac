-- Notices to whoever is in charge of a customer, the triggers that ask for them, and customers who wrote for the first time. Times are
-- microseconds since 1970 (UTC).

CREATE TABLE notices (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('new_customer', 'renewal_near', 'page', 'page_over', 'renewal')),
    -- What is told once: the same ticket, kind and turn, or the same company and renewal, has the same.
    once_key TEXT NOT NULL,
    -- NULL: it is about a company alone.
    ticket_id INTEGER,
    company_id TEXT,
    company TEXT,
    -- Of whom it was meant for: sales, success.
    role TEXT,
    -- Names, for people; NULL: nobody yet.
    told_to TEXT,
    channel TEXT,
    -- 'sending': it is on its way, or was when its worker died.
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'told', 'fallback', 'not_told', 'unsure')),
    reason_code TEXT,
    reason TEXT,
    requested_us INTEGER NOT NULL,
    settled_us INTEGER,
    -- Of a page: when it was resolved.
    resolved_us INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX notices_once ON notices (account, once_key);
CREATE INDEX notices_by_time ON notices (account, requested_us, id);
CREATE INDEX notices_of_ticket ON notices (account, ticket_id, kind) WHERE ticket_id IS NOT NULL;
CREATE INDEX notices_old ON notices (requested_us);

CREATE TABLE notice_triggers (
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('new_customer', 'renewal_near', 'page', 'page_over')),
    trigger_id INTEGER NOT NULL,
    -- What is wrong with it, for people; NULL: nothing.
    problem TEXT,
    checked_us INTEGER NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE newcomers (
    account TEXT NOT NULL,
    -- Zendesk's id of the user.
    user_id INTEGER NOT NULL,
    -- NULL: not done yet.
    outcome TEXT,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX newcomers_old ON newcomers (at_us);
