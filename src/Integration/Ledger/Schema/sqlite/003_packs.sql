-- Records that came together and go together: one row for hundreds of versions, for as long as nothing becomes of one that does not become of all.
-- The version in slot n has the id of the pack + n. A pack can be undone at any time: its records become rows of version, with these very ids.
-- A pack holds only puts without a group that are the newest of their key and that the receiver has no older version of.
CREATE TABLE pack (
    id              INTEGER PRIMARY KEY,        -- its first version's
    pipeline_id     INTEGER NOT NULL,
    run_id          INTEGER NOT NULL,
    state           INTEGER NOT NULL,           -- ready, leased or acknowledged, nothing else
    slots           INTEGER NOT NULL,
    records         INTEGER NOT NULL,           -- slots that were not taken out; fewer only in an acknowledged pack
    not_before      INTEGER NOT NULL,
    lease_token     INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    extracted_at    INTEGER NOT NULL,
    acknowledged_at INTEGER,
    attempt_id      INTEGER,                    -- the attempt that was accepted
    payload_id      INTEGER NOT NULL,           -- the bytes of all slots, one after the other
    payload_length  INTEGER NOT NULL,
    receipts        BLOB                        -- one a slot, when the receiver gave any
);
CREATE INDEX pack_ready ON pack (pipeline_id, not_before, id) WHERE state = 0;
CREATE INDEX pack_leased ON pack (lease_token) WHERE state = 1;

-- What stands in which slot (key, hash, length, parent): written once, so that a pack's own row stays short.
CREATE TABLE pack_slots (pack_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- Where the newest version of a key is, when it is in a pack. By the key itself: keys come nearly in order, their hashes never do.
CREATE TABLE record (
    pipeline_id INTEGER NOT NULL,
    key         TEXT NOT NULL,
    key_hash    BLOB NOT NULL,
    pack_id     INTEGER NOT NULL,
    slot        INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    payload_offset INTEGER NOT NULL,
    payload_length INTEGER NOT NULL,
    PRIMARY KEY (pipeline_id, key)
) WITHOUT ROWID;

-- Every version, wherever it is; for looking at, since nothing finds one key in it quickly.
CREATE VIEW every_version AS
SELECT id, pipeline_id, run_id, key_hash, key, kind, state, newest, receiver_has, needs_person, hash, payload_id, payload_offset, payload_length, not_before, lease_token, attempts, extracted_at,
    acknowledged_at, attempt_id, lost_among, lost_alone
FROM version
UNION ALL
SELECT k.id + a.slot, k.pipeline_id, k.run_id, a.key_hash, a.key, 0, k.state, TRUE, FALSE, FALSE, a.hash, k.payload_id, a.payload_offset, a.payload_length, k.not_before, k.lease_token, k.attempts, k.extracted_at,
    k.acknowledged_at, k.attempt_id, 0, 0
FROM record a JOIN pack k ON k.id = a.pack_id;
