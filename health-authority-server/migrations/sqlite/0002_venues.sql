-- Accounts, venues and their posters. A venue registers a place and a contact; nothing here is
-- about a visitor. Times are Unix seconds, days are days since 1970-01-01.

-- password: a PHC string of Argon2id; empty for accounts that only an invitation opens.
-- one_time_until: the password was given by somebody else, ends then, and must be changed first.
-- totp: sealed under the server's key. totp_step: the last one used, so that none works twice.
CREATE TABLE accounts (
    account        INTEGER PRIMARY KEY,
    login          TEXT    NOT NULL UNIQUE,
    name           TEXT    NOT NULL,
    password       TEXT    NOT NULL,
    one_time_until BIGINT,
    totp           BLOB,
    totp_step      BIGINT  NOT NULL DEFAULT 0,
    role           TEXT    NOT NULL,
    venue          BIGINT  REFERENCES venues (venue),
    created_at     BIGINT  NOT NULL,
    disabled_at    BIGINT
);
CREATE INDEX accounts_venue ON accounts (venue) WHERE venue IS NOT NULL;

CREATE TABLE sessions (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL REFERENCES accounts (account),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account);

-- Codes by which a phone of a venue's staff opens its account, each once.
CREATE TABLE invitations (
    code_hash  BLOB   NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL REFERENCES accounts (account),
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- actor is the login at the time, so that an entry stays readable. Never a secret, never a visitor.
CREATE TABLE audit (
    entry   INTEGER PRIMARY KEY,
    at      BIGINT  NOT NULL,
    account BIGINT,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL
);

-- Both hashes are keyed. A row ends with the confirmation or with its time.
CREATE TABLE phone_codes (
    phone_hash BLOB    NOT NULL PRIMARY KEY,
    code_hash  BLOB    NOT NULL,
    expires_at BIGINT  NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- state: pending, approved, refused, closed. The key is made by the venue and proven to be its own.
CREATE TABLE venues (
    venue         INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    ward          BIGINT  NOT NULL,
    ward_name     TEXT    NOT NULL,
    street        TEXT    NOT NULL,
    registrant    TEXT    NOT NULL,
    phone         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    state_reason  TEXT    NOT NULL DEFAULT '',
    registered_at BIGINT  NOT NULL,
    decided_at    BIGINT,
    public_key    BLOB,
    proof         BLOB,
    key_since     BIGINT
);
CREATE INDEX venues_state ON venues (state);

-- A floor, a department, a hall. default_stay in units of five minutes.
CREATE TABLE units (
    unit              INTEGER PRIMARY KEY,
    venue             BIGINT  NOT NULL REFERENCES venues (venue),
    name              TEXT    NOT NULL,
    default_stay      INTEGER NOT NULL,
    display_key       BLOB,
    display_secret    BLOB,
    shares_in_advance INTEGER NOT NULL DEFAULT 0,
    created_at        BIGINT  NOT NULL,
    closed_at         BIGINT
);
CREATE INDEX units_venue ON units (venue);

-- Ended posters stay: visits made under them can still be asked for.
-- ended_reason: replaced, revoked, rekeyed, closed.
CREATE TABLE posters (
    poster           INTEGER PRIMARY KEY,
    unit             BIGINT  NOT NULL REFERENCES units (unit),
    fingerprint      BLOB    NOT NULL UNIQUE,
    payload          BLOB    NOT NULL,
    venue_key        BLOB    NOT NULL,
    authority_key_id INTEGER NOT NULL,
    display_secret   BLOB,
    issued_at        BIGINT  NOT NULL,
    not_before_day   BIGINT  NOT NULL,
    expires_day      BIGINT  NOT NULL,
    ended_at         BIGINT,
    ended_reason     TEXT
);
CREATE INDEX posters_unit ON posters (unit);

-- From supervised scans: how many, not who.
CREATE TABLE visit_counts (
    unit   BIGINT NOT NULL REFERENCES units (unit),
    hour   BIGINT NOT NULL,
    visits BIGINT NOT NULL,
    PRIMARY KEY (unit, hour)
) WITHOUT ROWID;
