-- How many jobs of its concurrency key may run once this one has started; absent: as many as the worker says.

ALTER TABLE jobs ADD COLUMN concurrency_limit INTEGER;
ALTER TABLE schedules ADD COLUMN concurrency_limit INTEGER;
