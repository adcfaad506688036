-- Times are microseconds since 1970-01-01 UTC. Numbers of states and kinds: Records/RecordState.cs, Records/Slice.cs, Ledger/Entries.cs.
CREATE TABLE pipeline (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    watermark       TEXT,
    waits_for       TEXT,
    mapping_version TEXT,
    paused_by       TEXT,
    paused_reason   TEXT,
    paused_at       INTEGER,
    parked_until    INTEGER,
    parked_vi       TEXT,
    parked_en       TEXT
);

-- A released lease stays as a row, so that its tokens go on rising.
CREATE TABLE lease (job TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, until INTEGER NOT NULL);

CREATE TABLE run (
    id              INTEGER PRIMARY KEY,
    pipeline_id     INTEGER NOT NULL REFERENCES pipeline,
    kind            INTEGER NOT NULL,
    worker          TEXT NOT NULL,
    mapping_version TEXT NOT NULL,
    started         INTEGER NOT NULL,
    ended           INTEGER,
    outcome         INTEGER NOT NULL DEFAULT 0,
    extracted       INTEGER NOT NULL DEFAULT 0,
    unchanged       INTEGER NOT NULL DEFAULT 0,
    added           INTEGER NOT NULL DEFAULT 0,
    changed         INTEGER NOT NULL DEFAULT 0,
    withdrawn       INTEGER NOT NULL DEFAULT 0,
    rejected        INTEGER NOT NULL DEFAULT 0,
    detail_vi       TEXT,
    detail_en       TEXT
);
CREATE INDEX run_of_pipeline ON run (pipeline_id, id);

-- Written once, never changed. Versions point into it.
CREATE TABLE payload (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- The lease of what one worker took together; its versions carry the token.
CREATE TABLE claim (token INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, until INTEGER NOT NULL);

CREATE TABLE version (
    id              INTEGER PRIMARY KEY,
    pipeline_id     INTEGER NOT NULL,
    run_id          INTEGER NOT NULL,
    key_hash        BLOB NOT NULL,              -- of the whole key: keys may be longer than an index entry
    key             TEXT NOT NULL,
    kind            INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    newest          INTEGER NOT NULL,           -- of its key
    receiver_has    INTEGER NOT NULL,           -- an older version
    needs_person    INTEGER NOT NULL DEFAULT 0,
    hash            BLOB NOT NULL,
    group_hash      BLOB,
    group_key       TEXT,
    order_no        INTEGER NOT NULL,
    parent_hash     BLOB,
    parent_key      TEXT,
    payload_id      INTEGER,
    payload_offset  INTEGER NOT NULL,
    payload_length  INTEGER NOT NULL,
    not_before      INTEGER NOT NULL,
    lease_token     INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    extracted_at    INTEGER NOT NULL,
    acknowledged_at INTEGER,
    attempt_id      INTEGER,                    -- the attempt that was accepted
    receipt         TEXT,
    memo            TEXT
);
CREATE UNIQUE INDEX version_newest ON version (pipeline_id, key_hash) WHERE newest;
CREATE INDEX version_older ON version (pipeline_id, key_hash) WHERE NOT newest;
CREATE UNIQUE INDEX version_in_flight ON version (pipeline_id, key_hash) WHERE state IN (1, 3);
CREATE INDEX version_ready ON version (pipeline_id, kind, receiver_has, not_before, id) WHERE state = 0 AND group_hash IS NULL;
CREATE INDEX version_ready_grouped ON version (pipeline_id, kind, receiver_has, not_before, id) WHERE state = 0 AND group_hash IS NOT NULL;
CREATE INDEX version_unknown ON version (pipeline_id, kind, receiver_has, not_before, id) WHERE state = 3 AND NOT needs_person;
CREATE INDEX version_open_in_group ON version (pipeline_id, group_hash, order_no, id) WHERE group_hash IS NOT NULL AND state < 4;
CREATE INDEX version_leased ON version (lease_token) WHERE state = 1;
CREATE INDEX version_waiting ON version (id) WHERE state = 2;
CREATE INDEX version_waiting_for_parent ON version (pipeline_id, parent_hash) WHERE state = 2 AND parent_hash IS NOT NULL;
CREATE INDEX version_failed ON version (pipeline_id, id) WHERE state = 5 OR needs_person;

CREATE TABLE attempt (
    id            INTEGER PRIMARY KEY,
    pipeline_id   INTEGER NOT NULL,
    token         INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    started       INTEGER NOT NULL,
    took          INTEGER NOT NULL,             -- microseconds
    worker        TEXT NOT NULL,
    records       INTEGER NOT NULL,
    request_hash  BLOB NOT NULL,
    response_hash BLOB NOT NULL,
    status        INTEGER NOT NULL,
    code          TEXT NOT NULL,
    message       TEXT NOT NULL
);

-- What an attempt said about one version, where that is not the plain acceptance its version carries itself.
CREATE TABLE attempt_record (id INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL, version_id INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL);
CREATE INDEX attempt_record_of_version ON attempt_record (version_id);

CREATE TABLE rejection (
    id           INTEGER PRIMARY KEY,
    version_id   INTEGER NOT NULL,
    rule         TEXT NOT NULL,
    target_field TEXT,
    source_field TEXT,
    masked_value TEXT,
    detail       TEXT,
    at           INTEGER NOT NULL,
    standing     INTEGER NOT NULL DEFAULT 1     -- false once the version was replayed
);
CREATE INDEX rejection_of_version ON rejection (version_id) WHERE standing;

CREATE TABLE source_file (
    pipeline_id INTEGER NOT NULL REFERENCES pipeline,
    sha256      TEXT NOT NULL,
    name        TEXT NOT NULL,
    rows        INTEGER NOT NULL,
    run_id      INTEGER NOT NULL,
    taken_at    INTEGER NOT NULL,
    PRIMARY KEY (pipeline_id, sha256)
);

CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    what     TEXT NOT NULL,
    pipeline TEXT,
    about    TEXT,
    versions INTEGER NOT NULL,
    reason   TEXT NOT NULL
);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
