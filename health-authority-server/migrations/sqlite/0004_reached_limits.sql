-- Limits on attempts that were reached, and until when they hold: counted in the server's process, told
-- to staff and to commands.
CREATE TABLE reached_limits (
    name     TEXT   NOT NULL PRIMARY KEY,
    until_at BIGINT NOT NULL
) WITHOUT ROWID;
