-- Where a connection's secret may be sent, and what is known of its renewal. Times are microseconds since 1970 (UTC).

-- Names the secret: each new secret has a new one. It is a part of what is encrypted, and so are the settings. Absent: the secret
-- was encrypted before this column existed.
ALTER TABLE connections ADD COLUMN secret_generation TEXT;
-- Since when nobody knows whether the vendor renewed the tokens: it was asked, and its answer is not known.
ALTER TABLE connections ADD COLUMN unsure_since_us INTEGER;
-- The vendor asked not to be called before.
ALTER TABLE connections ADD COLUMN not_before_us INTEGER;

-- A renewal that was under way said the same before.
UPDATE connections SET unsure_since_us = renewing_until_us WHERE renewing_until_us IS NOT NULL;
