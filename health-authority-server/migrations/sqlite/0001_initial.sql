-- Times are Unix seconds, days are days since 1970-01-01, hashes are HMAC-SHA256 under a key that
-- is not in this database.

-- A code's row says what staff said of the case only until the code is used; then it is reduced to
-- "used". Nothing leads from a code to a token or to keys.
CREATE TABLE codes (
    code_hash   BLOB    NOT NULL PRIMARY KEY,
    expires_at  BIGINT  NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0,
    test_type   TEXT,
    symptom_day BIGINT,
    test_day    BIGINT
) WITHOUT ROWID;

-- Ids that staff gave their requests, so that one request issues one code.
CREATE TABLE request_ids (
    id_hash    BLOB   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- A used token's row keeps what its certificate said only sealed under the token itself, which is
-- not in this database, so that a lost certificate can be asked for again.
CREATE TABLE tokens (
    token_hash  BLOB    NOT NULL PRIMARY KEY,
    expires_at  BIGINT  NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0,
    test_type   TEXT,
    symptom_day BIGINT,
    test_day    BIGINT,
    certified   BLOB
) WITHOUT ROWID;

-- Ordered by key and without row numbers: their order would tell which keys came together.
-- received_window is the start of the publication period in which the key came.
CREATE TABLE diagnosis_keys (
    key_data            BLOB    NOT NULL PRIMARY KEY,
    rolling_start       BIGINT  NOT NULL,
    rolling_period      INTEGER NOT NULL,
    report_type         INTEGER NOT NULL,
    days_since_onset    INTEGER,
    transmission_risk   INTEGER NOT NULL,
    received_window     BIGINT  NOT NULL,
    release_at          BIGINT  NOT NULL,
    batch               BIGINT,
    revised_report_type INTEGER,
    revised_days        INTEGER,
    revised_window      BIGINT,
    revised_batch       BIGINT,
    -- Set for keys of synthetic persons only; never published.
    synthetic_person    BIGINT
) WITHOUT ROWID;
CREATE INDEX diagnosis_keys_due ON diagnosis_keys (release_at) WHERE batch IS NULL;
CREATE INDEX diagnosis_keys_batch ON diagnosis_keys (batch) WHERE batch IS NOT NULL;
CREATE INDEX diagnosis_keys_revised_batch ON diagnosis_keys (revised_batch)
    WHERE revised_batch IS NOT NULL;
CREATE INDEX diagnosis_keys_revised ON diagnosis_keys (revised_window)
    WHERE revised_report_type IS NOT NULL;
CREATE INDEX diagnosis_keys_person ON diagnosis_keys (synthetic_person)
    WHERE synthetic_person IS NOT NULL;

CREATE TABLE synthetic_persons (
    person    INTEGER PRIMARY KEY,
    revise_at BIGINT,
    revise_to INTEGER,
    expires_at BIGINT NOT NULL
);

-- state: 0 cut (its keys are fixed, the file is not written yet), 1 written and in the index.
CREATE TABLE batches (
    batch       INTEGER PRIMARY KEY,
    region      TEXT    NOT NULL,
    start_at    BIGINT  NOT NULL,
    end_at      BIGINT  NOT NULL,
    file_number INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (region, end_at, file_number)
);

-- Up to when batches have been cut.
CREATE TABLE publication_state (
    region    TEXT   NOT NULL PRIMARY KEY,
    cut_until BIGINT NOT NULL
);

-- How uploads look, each property counted for itself: what synthetic persons are drawn from.
CREATE TABLE upload_shapes (
    property TEXT   NOT NULL,
    bucket   BIGINT NOT NULL,
    uploads  BIGINT NOT NULL,
    PRIMARY KEY (property, bucket)
) WITHOUT ROWID;

-- Totals, by day.
CREATE TABLE statistics (
    name  TEXT   NOT NULL,
    day   BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (name, day)
) WITHOUT ROWID;
