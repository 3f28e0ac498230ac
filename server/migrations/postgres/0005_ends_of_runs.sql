-- Which run of an account ended before another: a notice says when the archive begins to fail, and when it works again.
CREATE INDEX archive_runs_by_end ON archive_runs (account, finished_us);
