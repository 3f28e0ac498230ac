-- To which place what is kept of an integration belongs. A connection can lead to another place tomorrow.

-- Of what vendor account the kept records are; NULL: nobody knows, so they are read again.
ALTER TABLE exports ADD COLUMN place TEXT;

-- Of what destination the row states are: place and object. Empty: there are none yet; NULL: of the one that is written next.
ALTER TABLE integrations ADD COLUMN states_of TEXT;

-- With what destination the run compared, and so may write to.
ALTER TABLE integration_runs ADD COLUMN compared_with TEXT;
