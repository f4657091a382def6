-- Requests to venues for their shares, and the warnings made with them. Nothing here is about a
-- visitor or names a case; slot identities, notify keys and the authority's shares are never kept.
-- Times are Unix seconds, hours are hours since 1970-01-01.

-- state: waiting, refused, approved (its warnings wait for a batch), published.
-- What leads to the venue and to the time of the case is emptied with the publication; what is left
-- is deleted at forget_at, when no device keeps visits of those hours. visit_hash is keyed: the same
-- visit is asked for once.
CREATE TABLE share_requests (
    request        INTEGER PRIMARY KEY,
    visit_hash     BLOB    NOT NULL UNIQUE,
    state          TEXT    NOT NULL,
    state_reason   TEXT    NOT NULL DEFAULT '',
    poster         BIGINT  REFERENCES posters (poster),
    from_at        BIGINT,
    until_at       BIGINT,
    report_type    INTEGER,
    infectiousness INTEGER,
    reason         TEXT    NOT NULL,
    notice_text    TEXT    NOT NULL,
    requested_at   BIGINT  NOT NULL,
    forget_at      BIGINT  NOT NULL
);
CREATE INDEX share_requests_state ON share_requests (state);

-- Warnings that wait for the next batch, as they will be published.
CREATE TABLE due_warnings (
    warning BLOB   NOT NULL PRIMARY KEY,
    due_at  BIGINT NOT NULL,
    request BIGINT NOT NULL REFERENCES share_requests (request)
) WITHOUT ROWID;

-- Shares that a venue handed over in advance, each sealed under the server's key; scan_hour is -1
-- for a printed poster.
CREATE TABLE advance_shares (
    poster    BIGINT NOT NULL REFERENCES posters (poster),
    hour      BIGINT NOT NULL,
    scan_hour BIGINT NOT NULL,
    share     BLOB   NOT NULL,
    PRIMARY KEY (poster, hour, scan_hour)
) WITHOUT ROWID;

-- state: 0 cut (content is what the file will be), 1 written and in the index (content is emptied).
CREATE TABLE warning_batches (
    batch       INTEGER PRIMARY KEY,
    region      TEXT    NOT NULL,
    start_at    BIGINT  NOT NULL,
    end_at      BIGINT  NOT NULL,
    file_number INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,
    content     BLOB,
    UNIQUE (region, end_at, file_number)
);

-- Up to when batches of warnings have been cut.
CREATE TABLE warning_state (
    region    TEXT   NOT NULL PRIMARY KEY,
    cut_until BIGINT NOT NULL
);

-- Of real warnings of the last weeks, by day of publication: how many days old the hour was, and
-- which hour of the day (UTC) it was, each counted for itself. What decoys are drawn from.
CREATE TABLE warning_shapes (
    day      BIGINT NOT NULL,
    property TEXT   NOT NULL,
    bucket   BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    PRIMARY KEY (day, property, bucket)
) WITHOUT ROWID;
