-- Which of several servers does what is done by the clock, one at a time. A lease ends by the database's time
-- (Unix milliseconds), 0 when it was given back. fence grows with each holder and never falls, so that a holder
-- who stalled past the end can be told from the one after it.
CREATE TABLE leases (
    name    TEXT   NOT NULL PRIMARY KEY,
    holder  TEXT   NOT NULL,
    ends_at BIGINT NOT NULL,
    fence   BIGINT NOT NULL
) WITHOUT ROWID;

-- Attempts in the running windows of limits, of all servers together. subject is a keyed hash of a login or a
-- telephone number, other in each window; the row without a subject counts all of them. Rows go when their window
-- is over.
CREATE TABLE attempts (
    name         TEXT   NOT NULL,
    window_start BIGINT NOT NULL,
    subject      BLOB   NOT NULL,
    tried        BIGINT NOT NULL,
    until_at     BIGINT NOT NULL,
    PRIMARY KEY (name, window_start, subject)
) WITHOUT ROWID;
