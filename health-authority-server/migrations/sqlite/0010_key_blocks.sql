-- Keys lie in blocks: many in one row, in ascending order, so that neither row nor order shows which came
-- together. diagnosis_keys goes on holding keys with a state of their own: those that were revised, those of
-- synthetic persons, and those that came before this version.

-- Keys that are in no batch yet. received_window is the start of the publication period in which they came;
-- version is that of key_changes when the block was written.
CREATE TABLE staged_keys (
    block           INTEGER PRIMARY KEY,
    version         BIGINT  NOT NULL,
    received_window BIGINT  NOT NULL,
    keys            BLOB    NOT NULL
);
CREATE INDEX staged_keys_version ON staged_keys (version);
CREATE INDEX staged_keys_window ON staged_keys (received_window);

-- The keys of a batch as they were first published, in blocks that follow each other by first_key.
CREATE TABLE published_keys (
    batch     BIGINT NOT NULL,
    first_key BLOB   NOT NULL,
    keys      BLOB   NOT NULL,
    PRIMARY KEY (batch, first_key)
) WITHOUT ROWID;

-- Grows with each change of staged keys: a process that has seen the newest version knows all keys.
CREATE TABLE key_changes (
    version BIGINT NOT NULL
);
INSERT INTO key_changes (version) VALUES (0);

-- The version at which a batch was cut.
ALTER TABLE batches ADD COLUMN cut_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX batches_end ON batches (region, end_at);
