-- How long a run can be undone once its last copy is verified; the time itself (undo_until_us) begins only then. Absent: it
-- cannot be undone, or not any more.
ALTER TABLE archive_runs ADD COLUMN undo_window_s BIGINT;
UPDATE archive_runs SET undo_window_s = (undo_until_us - created_us) / 1000000
 WHERE undo_until_us IS NOT NULL AND state IN ('queued', 'running');

-- A wish that came too late for the ticket's live run: a run of its own, which begins when that one (its id) has ended.
ALTER TABLE archive_runs ADD COLUMN after_run TEXT;
DROP INDEX archive_runs_live;
CREATE UNIQUE INDEX archive_runs_live ON archive_runs (account, ticket_id)
 WHERE state IN ('queued', 'running') AND after_run IS NULL;
CREATE UNIQUE INDEX archive_runs_next ON archive_runs (account, ticket_id)
 WHERE state IN ('queued', 'running') AND after_run IS NOT NULL;

-- How many copies of this attachment were deleted, because an agent undid its run. A later copy gets another name.
ALTER TABLE archive_items ADD COLUMN deleted_copies BIGINT NOT NULL DEFAULT 0;
