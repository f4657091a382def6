CREATE TABLE venue_changes (
    venue BIGINT NOT NULL PRIMARY KEY REFERENCES venues (venue),
    proposal BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    ward BIGINT NOT NULL,
    ward_name TEXT COLLATE "C" NOT NULL,
    street TEXT COLLATE "C" NOT NULL,
    registrant TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    proposed_at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX venue_changes_state ON venue_changes (state);
