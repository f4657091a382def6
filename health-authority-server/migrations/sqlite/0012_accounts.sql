-- last_login_day: the local day of the last login, where the authority is, as days since 1970-01-01.
ALTER TABLE accounts ADD COLUMN last_login_day BIGINT;

-- Codes that log in once in place of an authenticator app's; keyed hashes.
CREATE TABLE recovery_codes (
    code_hash BLOB   NOT NULL PRIMARY KEY,
    account   BIGINT NOT NULL REFERENCES accounts (account)
) WITHOUT ROWID;
CREATE INDEX recovery_codes_account ON recovery_codes (account);

-- Tokens by which the first administrator is made, each once; keyed hashes. There are none once there is one.
CREATE TABLE first_starts (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Keys of staff's programs, by SHA-256. from_file: 1 for the key of keys/staff-api-key.sha256, which works while
-- that file holds it. permissions: names with blanks between. last_used_day: as last_login_day.
CREATE TABLE api_keys (
    api_key       INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    key_hash      BLOB    NOT NULL UNIQUE,
    from_file     BIGINT  NOT NULL DEFAULT 0,
    permissions   TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    disabled_at   BIGINT,
    last_used_day BIGINT,
    uses          BIGINT  NOT NULL DEFAULT 0
);

CREATE INDEX audit_of_subject ON audit (subject);
