-- Records whose keys came in order need no row each: a pack whose keys rise, and stand between no others, is found by its keys. What a record of
-- such a pack is known by stands in short stretches of its slots, each as much as a page holds two of. Packs of an earlier program keep their rows.
ALTER TABLE pack ADD COLUMN first_key TEXT;   -- NULL: its records stand in record, its slots in pack_slots
ALTER TABLE pack ADD COLUMN last_key TEXT;
ALTER TABLE pack ADD COLUMN gone BLOB;        -- slots that were taken out, a bit each from the lowest of the first byte; NULL: none was

-- No two stretches of a pipeline overlap: the only one that may hold a key is the last that begins no later than it.
CREATE TABLE ordered_slots (
    pipeline_id INTEGER NOT NULL,
    first_key   TEXT NOT NULL,
    pack_id     INTEGER NOT NULL,
    first_slot  INTEGER NOT NULL,
    payload_offset INTEGER NOT NULL,           -- of the first of them in the pack's payload
    keys        TEXT NOT NULL,                 -- rising, a line each
    lengths     TEXT NOT NULL,                 -- of the payloads, with commas between
    hashes      BLOB NOT NULL,                 -- 32 bytes each
    row_hashes  BLOB NOT NULL,                 -- 16 bytes each; zeros: none
    parents     TEXT,                          -- a line each, empty: none; NULL: none of them has one
    PRIMARY KEY (pipeline_id, first_key)
);

DROP VIEW every_version;

-- Every version, wherever it is; for looking at, since nothing finds one key in it quickly.
CREATE VIEW every_version AS
SELECT id, pipeline_id, run_id, key, kind, state, newest, receiver_has, needs_person, hash, payload_id, payload_offset, payload_length, not_before, lease_token, attempts, extracted_at,
    acknowledged_at, attempt_id, lost_among, lost_alone
FROM version
UNION ALL
SELECT k.id + a.slot, k.pipeline_id, k.run_id, a.key, 0, k.state, TRUE, FALSE, FALSE, a.hash, k.payload_id, a.payload_offset, a.payload_length, k.not_before, k.lease_token, k.attempts, k.extracted_at,
    k.acknowledged_at, k.attempt_id, 0, 0
FROM record a JOIN pack k ON k.id = a.pack_id
UNION ALL
SELECT k.id + a.slot, k.pipeline_id, k.run_id, a.key, 0, k.state, TRUE, FALSE, FALSE, a.hash, k.payload_id, a.payload_offset, a.payload_length, k.not_before, k.lease_token, k.attempts, k.extracted_at,
    k.acknowledged_at, k.attempt_id, 0, 0
FROM pack k JOIN (
    SELECT o.pack_id, o.first_slot + e.key AS slot, e.value AS key, substr(o.hashes, 32 * e.key + 1, 32) AS hash,
        o.payload_offset + (SELECT coalesce(sum(s.value), 0) FROM json_each('[' || o.lengths || ']') s WHERE s.key < e.key) AS payload_offset,
        json_extract('[' || o.lengths || ']', '$[' || e.key || ']') AS payload_length
    FROM ordered_slots o CROSS JOIN json_each('["' || replace(replace(replace(o.keys, '\', '\\'), '"', '\"'), char(10), '","') || '"]') e
) a ON a.pack_id = k.id
-- The bit of the slot in its half of the byte, which is one digit of it.
WHERE k.gone IS NULL OR (instr('123456789ABCDEF', substr(hex(substr(k.gone, a.slot / 8 + 1, 1)), 2 - a.slot / 4 % 2, 1)) >> (a.slot % 4)) & 1 = 0;
