ALTER TABLE request_ids ADD COLUMN code_hash BYTEA;

ALTER TABLE codes ADD COLUMN revoked BIGINT NOT NULL DEFAULT 0;

ALTER TABLE share_requests ADD COLUMN reminders BIGINT NOT NULL DEFAULT 0;
ALTER TABLE share_requests ADD COLUMN reminded_at BIGINT;
CREATE INDEX share_requests_requested ON share_requests (requested_at);
