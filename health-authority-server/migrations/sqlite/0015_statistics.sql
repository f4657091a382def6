-- The audit log is a chain: each entry carries the hash of the one before and of its own content
-- (src/domain/audit_chain.rs says over which bytes). Entries from before this version have none until the
-- program's first start chains them.
ALTER TABLE audit ADD COLUMN previous BLOB;
ALTER TABLE audit ADD COLUMN hash BLOB;

-- The end of the chain: the newest entry.
CREATE TABLE audit_head (
    entry BIGINT NOT NULL,
    at    BIGINT NOT NULL,
    hash  BLOB   NOT NULL
);
INSERT INTO audit_head (entry, at, hash)
VALUES (0, 0, x'0000000000000000000000000000000000000000000000000000000000000000');

-- Administrators look for times.
CREATE INDEX audit_at ON audit (at);

-- When a code was issued, until it is used: how long that took is counted in few classes, for nobody by
-- itself.
ALTER TABLE codes ADD COLUMN issued_at BIGINT;
