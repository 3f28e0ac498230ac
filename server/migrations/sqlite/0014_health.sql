-- One row that readiness writes to prove that the database takes writes.
CREATE TABLE write_probe (
    id INTEGER NOT NULL PRIMARY KEY,
    writes INTEGER NOT NULL
) STRICT;

-- Which of the operator's seal keys encrypted the value; absent: it is in clear.
ALTER TABLE shared_keys ADD COLUMN sealed_by TEXT;
