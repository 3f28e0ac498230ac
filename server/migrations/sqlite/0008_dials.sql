-- Who is to be called by which agent's Flex. Each is taken by one Flex page, and an agent has one at a time.
CREATE TABLE dials (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    agent_id INTEGER NOT NULL,
    destination TEXT NOT NULL,
    ticket_id INTEGER,
    user_id INTEGER,
    name TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    until_us INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dials_live ON dials (account, agent_id) WHERE state IN ('waiting', 'taken');
