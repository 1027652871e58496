-- The logs. A table in the order of insertion, on purpose: SQLite then fills its last page and never moves a row
-- to another page, where a copy could outlive the erasing of a removed post.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,
    no INTEGER NOT NULL,
    posts INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source BLOB NOT NULL,    -- session, 32 bytes; empty: the server
    nonce BLOB NOT NULL,
    command BLOB NOT NULL,
    kind TEXT NOT NULL,      -- what the queries here must know of the body
    body TEXT NOT NULL,      -- JSON
    pending INTEGER NOT NULL -- 1: a removal whose post is not erased yet
) STRICT;
CREATE UNIQUE INDEX events_by_seq ON events (room, seq);
CREATE UNIQUE INDEX events_by_nonce ON events (room, source, nonce);
CREATE INDEX events_by_post ON events (room, no, seq);
CREATE INDEX events_snapshots ON events (room, seq) WHERE kind = 'room_changed';
CREATE INDEX events_pending ON events (id) WHERE pending = 1;

CREATE TABLE rooms (
    id TEXT NOT NULL PRIMARY KEY,
    epoch BLOB NOT NULL,
    visibility TEXT NOT NULL, -- listed, secret
    owner BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    ended INTEGER NOT NULL
) STRICT;
CREATE INDEX rooms_listed ON rooms (last_activity DESC, id) WHERE ended = 0 AND visibility = 'listed';
CREATE INDEX rooms_open ON rooms (last_activity, id) WHERE ended = 0;

CREATE TABLE participants (
    room TEXT NOT NULL,
    session BLOB NOT NULL,
    number INTEGER NOT NULL,
    name TEXT,
    name_key TEXT,
    op INTEGER NOT NULL,
    PRIMARY KEY (room, session)
) STRICT;
CREATE UNIQUE INDEX participants_by_number ON participants (room, number);
CREATE UNIQUE INDEX participants_by_name ON participants (room, name_key) WHERE name_key IS NOT NULL;

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE uploads (
    file BLOB NOT NULL PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    room TEXT NOT NULL,
    owner BLOB NOT NULL,
    address BLOB NOT NULL,
    name TEXT NOT NULL,
    size INTEGER,
    hint TEXT NOT NULL,        -- JSON
    placeholder TEXT NOT NULL, -- JSON
    chunk_size INTEGER NOT NULL,
    nonce BLOB,                -- of the post that claimed it
    no INTEGER,
    turn INTEGER NOT NULL,
    state TEXT NOT NULL,       -- open, finishing, done, stopped_*, removed
    committed INTEGER NOT NULL,
    tail BLOB NOT NULL,
    started TEXT,              -- JSON
    sha256 BLOB,
    opened_at INTEGER NOT NULL,
    last_write INTEGER NOT NULL,
    ended_at INTEGER,          -- when the state last changed to one of the ended
    told INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_by_post ON uploads (room, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX uploads_in_room ON uploads (room, opened_at, file)
    WHERE nonce IS NOT NULL AND state IN ('open', 'finishing');
CREATE INDEX uploads_of_session ON uploads (owner) WHERE state = 'open';
CREATE INDEX uploads_of_address ON uploads (address) WHERE state = 'open';
CREATE INDEX uploads_unclaimed ON uploads (opened_at) WHERE nonce IS NULL;
CREATE INDEX uploads_unposted ON uploads (last_write) WHERE nonce IS NOT NULL AND no IS NULL;
CREATE INDEX uploads_unended ON uploads (last_write) WHERE state IN ('open', 'finishing');
CREATE INDEX uploads_untold ON uploads (ended_at) WHERE told = 0 AND ended_at IS NOT NULL;
CREATE INDEX uploads_spent ON uploads (ended_at) WHERE told = 1 AND state <> 'done' AND ended_at IS NOT NULL;
