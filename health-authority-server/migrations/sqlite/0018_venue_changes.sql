-- What an approved venue wants to be registered as, until an officer decides; after a refusal the reason, until the
-- venue proposes something else. proposal: drawn anew each time, so that an officer decides about what was seen.
-- state: waiting, refused.
CREATE TABLE venue_changes (
    venue       BIGINT NOT NULL PRIMARY KEY REFERENCES venues (venue),
    proposal    BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    ward        BIGINT NOT NULL,
    ward_name   TEXT   NOT NULL,
    street      TEXT   NOT NULL,
    registrant  TEXT   NOT NULL,
    phone       TEXT   NOT NULL,
    proposed_at BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    reason      TEXT   NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX venue_changes_state ON venue_changes (state);
