-- Which code a staff request issued, so that who knows the request's id can ask whether the code is used, and
-- revoke it. Nothing leads from a code to a token, a telephone or a person. expires_at is until when the same id
-- issues no second code: of lines of a list that is longer than the code is valid.
ALTER TABLE request_ids ADD COLUMN code_hash BLOB;

-- revoked: staff ended the code before it was used. A revoked code is used up as well.
ALTER TABLE codes ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;

-- How often staff reminded the venue of a request that waits, and when last. A request has one more state:
-- cancelled by staff, with what was not published of it.
ALTER TABLE share_requests ADD COLUMN reminders INTEGER NOT NULL DEFAULT 0;
ALTER TABLE share_requests ADD COLUMN reminded_at BIGINT;
CREATE INDEX share_requests_requested ON share_requests (requested_at);
