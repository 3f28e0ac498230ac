-- What we lately changed on each ticket: Zendesk takes only so many updates of one ticket in ten minutes.
CREATE TABLE archive_updates (
    account TEXT NOT NULL,
    ticket_id BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX archive_updates_of_ticket ON archive_updates (account, ticket_id, at_us);

-- What a file's first bytes say that it is, which need not be what its sender says.
ALTER TABLE archive_items ADD COLUMN sniffed TEXT;
