-- Times are microseconds since 1970-01-01 UTC. Numbers of states and kinds: Records/RecordState.cs, Records/Slice.cs, Ledger/Entries.cs.
CREATE TABLE pipeline (
    id              bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name            text NOT NULL UNIQUE,
    watermark       text,
    waits_for       text,
    mapping_version text,
    paused_by       text,
    paused_reason   text,
    paused_at       bigint,
    parked_until    bigint,
    parked_vi       text,
    parked_en       text
);

-- A released lease stays as a row, so that its tokens go on rising.
CREATE TABLE lease (job text NOT NULL PRIMARY KEY, holder text NOT NULL, token bigint NOT NULL, until bigint NOT NULL);

CREATE TABLE run (
    id              bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    pipeline_id     bigint NOT NULL REFERENCES pipeline,
    kind            smallint NOT NULL,
    worker          text NOT NULL,
    mapping_version text NOT NULL,
    started         bigint NOT NULL,
    ended           bigint,
    outcome         smallint NOT NULL DEFAULT 0,
    extracted       bigint NOT NULL DEFAULT 0,
    unchanged       bigint NOT NULL DEFAULT 0,
    added           bigint NOT NULL DEFAULT 0,
    changed         bigint NOT NULL DEFAULT 0,
    withdrawn       bigint NOT NULL DEFAULT 0,
    rejected        bigint NOT NULL DEFAULT 0,
    detail_vi       text,
    detail_en       text
);
CREATE INDEX run_of_pipeline ON run (pipeline_id, id);

-- Written once, never changed. Versions point into it.
-- Stored as it is (EXTERNAL: not compressed), so that a part of it can be read alone.
CREATE SEQUENCE payload_id;
CREATE TABLE payload (id bigint PRIMARY KEY, bytes bytea NOT NULL);
ALTER TABLE payload ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The lease of what one worker took together; its versions carry the token.
CREATE TABLE claim (token bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, worker text NOT NULL, until bigint NOT NULL);

CREATE SEQUENCE version_id;
CREATE TABLE version (
    id              bigint PRIMARY KEY,
    pipeline_id     bigint NOT NULL,
    run_id          bigint NOT NULL,
    key_hash        uuid NOT NULL,              -- of the whole key: keys may be longer than an index entry
    key             text NOT NULL,
    kind            smallint NOT NULL,
    state           smallint NOT NULL,
    newest          boolean NOT NULL,           -- of its key
    receiver_has    boolean NOT NULL,           -- an older version
    needs_person    boolean NOT NULL DEFAULT FALSE,
    hash            bytea NOT NULL,
    group_hash      uuid,
    group_key       text,
    order_no        bigint NOT NULL,
    parent_hash     uuid,
    parent_key      text,
    payload_id      bigint,
    payload_offset  integer NOT NULL,
    payload_length  integer NOT NULL,
    not_before      bigint NOT NULL,
    lease_token     bigint NOT NULL DEFAULT 0,
    attempts        integer NOT NULL DEFAULT 0,
    extracted_at    bigint NOT NULL,
    acknowledged_at bigint,
    attempt_id      bigint,                    -- the attempt that was accepted
    receipt         text,
    memo            text
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
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    pipeline_id   bigint NOT NULL,
    token         bigint NOT NULL,
    kind          smallint NOT NULL,
    started       bigint NOT NULL,
    took          bigint NOT NULL,             -- microseconds
    worker        text NOT NULL,
    records       integer NOT NULL,
    request_hash  bytea NOT NULL,
    response_hash bytea NOT NULL,
    status        integer NOT NULL,
    code          text NOT NULL,
    message       text NOT NULL
);

-- What an attempt said about one version, where that is not the plain acceptance its version carries itself.
CREATE TABLE attempt_record (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, attempt_id bigint NOT NULL, version_id bigint NOT NULL, code text NOT NULL, message text NOT NULL);
CREATE INDEX attempt_record_of_version ON attempt_record (version_id);

CREATE TABLE rejection (
    id           bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    version_id   bigint NOT NULL,
    rule         text NOT NULL,
    target_field text,
    source_field text,
    masked_value text,
    detail       text,
    at           bigint NOT NULL,
    standing     boolean NOT NULL DEFAULT TRUE     -- false once the version was replayed
);
CREATE INDEX rejection_of_version ON rejection (version_id) WHERE standing;

CREATE TABLE source_file (
    pipeline_id bigint NOT NULL REFERENCES pipeline,
    sha256      text NOT NULL,
    name        text NOT NULL,
    rows        bigint NOT NULL,
    run_id      bigint NOT NULL,
    taken_at    bigint NOT NULL,
    PRIMARY KEY (pipeline_id, sha256)
);

CREATE TABLE audit (
    id       bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at       bigint NOT NULL,
    who      text NOT NULL,
    what     text NOT NULL,
    pipeline text,
    about    text,
    versions bigint NOT NULL,
    reason   text NOT NULL
);
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- The one clock of all workers: microseconds since 1970-01-01 UTC.
CREATE FUNCTION ledger_now() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT (extract(epoch FROM now()) * 1000000)::bigint $$;

-- Short-lived rows: let the cleaning come before the tables grow.
ALTER TABLE version SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
