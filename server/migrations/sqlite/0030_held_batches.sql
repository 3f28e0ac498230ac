-- Until when the rows of a delivery are not sent again, because their records took no more changes; NULL: the delivery is on its way.
ALTER TABLE run_batches ADD COLUMN held_until_us INTEGER;
