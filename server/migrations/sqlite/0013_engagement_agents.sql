-- The agents of whom Twilio said that a task is theirs. Twilio forgets a task minutes after its end; what an agent notes
-- afterwards, or while a vendor is down, is written in their name all the same.
CREATE TABLE engagement_agents (
    account TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    agent_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, task_sid, agent_id)
) STRICT, WITHOUT ROWID;
