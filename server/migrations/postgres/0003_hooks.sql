-- Which deliveries of a vendor's webhook were taken, so that a repeated one starts nothing twice. Old rows are pruned.
CREATE TABLE hook_deliveries (
    account TEXT NOT NULL,
    invocation TEXT NOT NULL,
    signature_sha256 TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (account, invocation)
);
-- One signature opens once, whatever the (unsigned) name of its delivery.
CREATE UNIQUE INDEX hook_deliveries_by_signature ON hook_deliveries (account, signature_sha256);
CREATE INDEX hook_deliveries_by_age ON hook_deliveries (at_us);
