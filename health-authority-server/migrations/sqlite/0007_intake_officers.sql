-- Officers who read declarations in their browsers. day is the local day, counted from 1970-01-01.

-- The public half of the key that an account's person made. Which officer that is, and whether any, the
-- roster says, which the root key signs.
CREATE TABLE officer_keys (
    account    BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (account),
    public_key BLOB   NOT NULL UNIQUE
);

-- What officers noted about a day and group, sealed in their browsers, padded to one of few sizes. version
-- grows with each change, so that of two officers at once the later one joins both.
CREATE TABLE intake_registers (
    key_id  BIGINT NOT NULL PRIMARY KEY,
    day     BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed  BLOB   NOT NULL
);
CREATE INDEX intake_registers_day ON intake_registers (day);

-- Officers fetch a day and group in the order of submissions.
DROP INDEX declarations_day;
CREATE INDEX declarations_day ON declarations (day, intake_group, key_id, submission);
