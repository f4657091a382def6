-- Codes that are sent to telephones before a declaration. Nothing here names a number: phone and request are
-- keyed hashes, under a key of the local day that is not in this database, in no backup, and destroyed with
-- the day; a row goes with its day, too. Nothing joins a row to a declaration. answered is the hash of the
-- blinded tokens that were signed: the same request gets the same answer, no other one gets tokens.
CREATE TABLE declaration_codes (
    request    BLOB   NOT NULL PRIMARY KEY,
    phone      BLOB   NOT NULL,
    day        BIGINT NOT NULL,
    code       BLOB   NOT NULL,
    expires_at BIGINT NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    answered   BLOB
) WITHOUT ROWID;
CREATE INDEX declaration_codes_phone ON declaration_codes (phone);

-- Hashes of tokens that were spent. They were issued blindly: none can be joined to a row above.
CREATE TABLE spent_tokens (
    token BLOB   NOT NULL PRIMARY KEY,
    day   BIGINT NOT NULL
) WITHOUT ROWID;
