-- Health declarations, sealed to officers' keys: this server has no key that opens one.
-- day is the local day, counted from 1970-01-01; of the time of arrival nothing else is kept. receipt is
-- the hash of a secret that the sender has; passes is the hash of the blinded points that were signed, so
-- that the same request gets the same answer and no other one gets further passes.
CREATE TABLE declarations (
    submission   BLOB   NOT NULL PRIMARY KEY,
    day          BIGINT NOT NULL,
    intake_group BIGINT NOT NULL,
    key_id       BIGINT NOT NULL,
    kind         BIGINT NOT NULL,
    ward         BIGINT NOT NULL,
    sealed       BLOB   NOT NULL,
    receipt      BLOB   NOT NULL,
    passes       BLOB   NOT NULL
) WITHOUT ROWID;
CREATE INDEX declarations_day ON declarations (day, intake_group);
