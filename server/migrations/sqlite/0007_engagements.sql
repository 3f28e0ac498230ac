-- What an admin decided in the console, one row a section. A change names the version that it was made from.
CREATE TABLE settings (
    account TEXT NOT NULL,
    section TEXT NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    agent_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, section)
) STRICT, WITHOUT ROWID;

-- Which ticket and which customer a Flex task belongs to. Whoever is about to make the ticket holds the row meanwhile.
CREATE TABLE engagements (
    account TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    ticket_id INTEGER,
    user_id INTEGER,
    created INTEGER NOT NULL,
    held_until_us INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, task_sid)
) STRICT, WITHOUT ROWID;

-- What is to be written into the ticket, and what was: one note a stage, whoever tells of it and however often. A leg is a
-- reservation: a transferred task begins once for each agent.
CREATE TABLE engagement_notes (
    account TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    stage TEXT NOT NULL,
    leg TEXT NOT NULL,
    facts TEXT NOT NULL,
    state TEXT NOT NULL,
    ticket_id INTEGER,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, task_sid, stage, leg)
) STRICT, WITHOUT ROWID;
