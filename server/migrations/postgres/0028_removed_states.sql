-- What a record acknowledged under a key that is gone is found by the record.
CREATE INDEX row_states_removed ON row_states (account, integration, destination_id) WHERE outcome = 'removed';
