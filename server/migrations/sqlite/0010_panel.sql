-- Who took a task last, and when: the ticket is that agent's, whichever news of it arrives last.
ALTER TABLE engagements ADD COLUMN agent_id INTEGER;
ALTER TABLE engagements ADD COLUMN accepted_at_us INTEGER;

-- Why a note was left out: an error code.
ALTER TABLE engagement_notes ADD COLUMN reason TEXT;

-- What each agent noted of a task. It goes into the task's last note.
CREATE TABLE engagement_wrapups (
    account TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    agent_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (account, task_sid, agent_id)
) STRICT, WITHOUT ROWID;
