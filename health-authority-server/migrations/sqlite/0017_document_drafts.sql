-- Drafts of the authority document and what was signed of them, by the serial that they have. document: the JSON
-- that the root key signs; none of one that was made and signed elsewhere. signed: as it came back, verified.
-- base_serial: the document that was in force when the draft was made. ended_as: in_force, dropped.
CREATE TABLE document_drafts (
    serial      BIGINT NOT NULL PRIMARY KEY,
    base_serial BIGINT NOT NULL,
    made_at     BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    document    BLOB,
    signed      BLOB,
    ended_at    BIGINT,
    ended_as    TEXT
) WITHOUT ROWID;

-- How the work of each lease went last, whichever server did it. failure: in the program's own words.
CREATE TABLE work_runs (
    name      TEXT   NOT NULL PRIMARY KEY,
    holder    TEXT   NOT NULL,
    done_at   BIGINT,
    failed_at BIGINT,
    failure   TEXT   NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- What the files hold, as everyone can count: keys with those of synthetic persons; bytes of all files.
ALTER TABLE batches ADD COLUMN written_at BIGINT;
ALTER TABLE batches ADD COLUMN key_count BIGINT;
ALTER TABLE batches ADD COLUMN bytes BIGINT;
ALTER TABLE warning_batches ADD COLUMN written_at BIGINT;
ALTER TABLE warning_batches ADD COLUMN files BIGINT;
ALTER TABLE warning_batches ADD COLUMN bytes BIGINT;
