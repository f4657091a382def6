-- What supervised doors send, and warnings to passes. Nothing here can be read: records are sealed to
-- venue and authority together, and everything lies once more under a key of its local day that is not
-- in this database, in no backup, and destroyed with the day. day is counted from 1970-01-01.

-- One row for each upload of a door; upload is a keyed hash of its bytes, unit and hour.
CREATE TABLE door_uploads (
    upload  BLOB   NOT NULL PRIMARY KEY,
    day     BIGINT NOT NULL,
    venue   BIGINT NOT NULL REFERENCES venues (venue),
    unit    BIGINT NOT NULL REFERENCES units (unit),
    hour    BIGINT NOT NULL,
    records BIGINT NOT NULL,
    sealed  BLOB   NOT NULL
);
CREATE INDEX door_uploads_unit ON door_uploads (unit, hour, records);
CREATE INDEX door_uploads_venue ON door_uploads (venue, records);
CREATE INDEX door_uploads_day ON door_uploads (day);

-- Hours that were opened for a case, as keyed hashes of unit and hour: a door that sends more of such an
-- hour is told that it is late.
CREATE TABLE door_openings (
    opening BLOB   NOT NULL PRIMARY KEY,
    day     BIGINT NOT NULL
) WITHOUT ROWID;

-- Notices to passes that wait for a batch.
CREATE TABLE due_pass_notices (
    notice  BLOB   NOT NULL PRIMARY KEY,
    day     BIGINT NOT NULL,
    sealed  BLOB   NOT NULL,
    request BIGINT NOT NULL REFERENCES share_requests (request)
) WITHOUT ROWID;

-- People whom officers call: without a pass, at a door with a case. What the door sealed to officers, with
-- place and time.
CREATE TABLE door_calls (
    call   BLOB   NOT NULL PRIMARY KEY,
    day    BIGINT NOT NULL,
    sealed BLOB   NOT NULL
) WITHOUT ROWID;

-- Whether the warnings of a request were made from shares in advance, while it waits for the door's.
ALTER TABLE share_requests ADD COLUMN slots_given BIGINT NOT NULL DEFAULT 0;
-- The batch of version 2, beside that of version 1.
ALTER TABLE warning_batches ADD COLUMN content_with_passes BLOB;
