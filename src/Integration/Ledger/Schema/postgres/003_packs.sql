-- Records that came together and go together: one row for hundreds of versions, for as long as nothing becomes of one that does not become of all.
-- The version in slot n has the id of the pack + n. A pack can be undone at any time: its records become rows of version, with these very ids.
-- A pack holds only puts without a group that are the newest of their key and that the receiver has no older version of.
CREATE TABLE pack (
    id              bigint PRIMARY KEY,        -- its first version's
    pipeline_id     bigint NOT NULL,
    run_id          bigint NOT NULL,
    state           smallint NOT NULL,         -- ready, leased or acknowledged, nothing else
    slots           integer NOT NULL,
    records         integer NOT NULL,          -- slots that were not taken out; fewer only in an acknowledged pack
    not_before      bigint NOT NULL,
    lease_token     bigint NOT NULL DEFAULT 0,
    attempts        integer NOT NULL DEFAULT 0,
    extracted_at    bigint NOT NULL,
    acknowledged_at bigint,
    attempt_id      bigint,                    -- the attempt that was accepted
    payload_id      bigint NOT NULL,           -- the bytes of all slots, one after the other
    payload_length  integer NOT NULL,
    receipts        bytea                      -- one a slot, when the receiver gave any
);
CREATE INDEX pack_ready ON pack (pipeline_id, not_before, id) WHERE state = 0;
CREATE INDEX pack_leased ON pack (lease_token) WHERE state = 1;

-- What stands in which slot (key, hash, length, parent): written once, so that a pack's own row stays short.
CREATE TABLE pack_slots (pack_id bigint PRIMARY KEY, bytes bytea NOT NULL);
ALTER TABLE pack_slots ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Where the newest version of a key is, when it is in a pack. By the key itself: keys come nearly in order, their hashes never do.
CREATE TABLE record (
    pipeline_id bigint NOT NULL,
    key         text COLLATE "C" NOT NULL,
    key_hash    uuid NOT NULL,
    pack_id     bigint NOT NULL,
    slot        integer NOT NULL,
    hash        bytea NOT NULL,
    payload_offset integer NOT NULL,
    payload_length integer NOT NULL,
    PRIMARY KEY (pipeline_id, key)
);

-- Every version, wherever it is; for looking at, since nothing finds one key in it quickly.
CREATE VIEW every_version AS
SELECT id, pipeline_id, run_id, key_hash, key COLLATE "C" AS key, kind, state, newest, receiver_has, needs_person, hash, payload_id, payload_offset, payload_length, not_before, lease_token, attempts, extracted_at,
    acknowledged_at, attempt_id, lost_among, lost_alone
FROM version
UNION ALL
SELECT k.id + a.slot, k.pipeline_id, k.run_id, a.key_hash, a.key, 0::smallint, k.state, TRUE, FALSE, FALSE, a.hash, k.payload_id, a.payload_offset, a.payload_length, k.not_before, k.lease_token, k.attempts, k.extracted_at,
    k.acknowledged_at, k.attempt_id, 0, 0
FROM record a JOIN pack k ON k.id = a.pack_id;

-- Short rows that change three times in their lives.
ALTER TABLE pack SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
