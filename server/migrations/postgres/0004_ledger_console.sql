-- What an admin looks for in the ledger: who, what, when; each newest first.

CREATE INDEX ledger_of_actor ON ledger (account, actor, seq);
CREATE INDEX ledger_of_action ON ledger (account, action, seq);
CREATE INDEX ledger_of_time ON ledger (account, at_us);
