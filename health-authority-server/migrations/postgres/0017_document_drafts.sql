CREATE TABLE document_drafts (
    serial BIGINT NOT NULL PRIMARY KEY,
    base_serial BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    document BYTEA,
    signed BYTEA,
    ended_at BIGINT,
    ended_as TEXT COLLATE "C"
);

CREATE TABLE work_runs (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    done_at BIGINT,
    failed_at BIGINT,
    failure TEXT COLLATE "C" NOT NULL DEFAULT ''
);

ALTER TABLE batches ADD COLUMN written_at BIGINT;
ALTER TABLE batches ADD COLUMN key_count BIGINT;
ALTER TABLE batches ADD COLUMN bytes BIGINT;
ALTER TABLE warning_batches ADD COLUMN written_at BIGINT;
ALTER TABLE warning_batches ADD COLUMN files BIGINT;
ALTER TABLE warning_batches ADD COLUMN bytes BIGINT;
