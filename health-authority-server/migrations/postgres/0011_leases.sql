CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL,
    fence BIGINT NOT NULL
);

CREATE TABLE attempts (
    name TEXT COLLATE "C" NOT NULL,
    window_start BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    tried BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (name, window_start, subject)
);
