-- Records whose keys came in order need no row each: a pack whose keys rise, and stand between no others, is found by its keys. What a record of
-- such a pack is known by stands in short stretches of its slots, each as much as a page holds four of. Packs of an earlier program keep their rows.
ALTER TABLE pack ADD COLUMN first_key text COLLATE "C";   -- NULL: its records stand in record, its slots in pack_slots
ALTER TABLE pack ADD COLUMN last_key text COLLATE "C";
ALTER TABLE pack ADD COLUMN gone bytea;                   -- slots that were taken out, a bit each from the lowest of the first byte; NULL: none was

-- No two stretches of a pipeline overlap: the only one that may hold a key is the last that begins no later than it.
CREATE TABLE ordered_slots (
    pipeline_id bigint NOT NULL,
    first_key   text COLLATE "C" NOT NULL,
    pack_id     bigint NOT NULL,
    first_slot  integer NOT NULL,
    payload_offset integer NOT NULL,           -- of the first of them in the pack's payload
    keys        text NOT NULL,                 -- rising, a line each
    lengths     text NOT NULL,                 -- of the payloads, with commas between
    hashes      bytea NOT NULL,                -- 32 bytes each
    row_hashes  bytea NOT NULL,                -- 16 bytes each; zeros: none
    parents     text,                          -- a line each, empty: none; NULL: none of them has one
    PRIMARY KEY (pipeline_id, first_key)
);

DROP VIEW every_version;

-- Every version, wherever it is; for looking at, since nothing finds one key in it quickly.
CREATE VIEW every_version AS
SELECT id, pipeline_id, run_id, key COLLATE "C" AS key, kind, state, newest, receiver_has, needs_person, hash, payload_id, payload_offset, payload_length, not_before, lease_token, attempts, extracted_at,
    acknowledged_at, attempt_id, lost_among, lost_alone
FROM version
UNION ALL
SELECT k.id + a.slot, k.pipeline_id, k.run_id, a.key, 0::smallint, k.state, TRUE, FALSE, FALSE, a.hash, k.payload_id, a.payload_offset, a.payload_length, k.not_before, k.lease_token, k.attempts, k.extracted_at,
    k.acknowledged_at, k.attempt_id, 0, 0
FROM record a JOIN pack k ON k.id = a.pack_id
UNION ALL
SELECT k.id + a.slot, k.pipeline_id, k.run_id, a.key COLLATE "C", 0::smallint, k.state, TRUE, FALSE, FALSE, a.hash, k.payload_id, a.payload_offset, a.payload_length, k.not_before, k.lease_token, k.attempts, k.extracted_at,
    k.acknowledged_at, k.attempt_id, 0, 0
FROM pack k JOIN (
    SELECT o.pack_id, (o.first_slot + e.n - 1)::integer AS slot, e.key, substr(o.hashes, (32 * e.n - 31)::integer, 32) AS hash,
        (o.payload_offset + sum(e.length) OVER (PARTITION BY o.pack_id, o.first_slot ORDER BY e.n) - e.length)::integer AS payload_offset, e.length AS payload_length
    FROM ordered_slots o CROSS JOIN LATERAL unnest(string_to_array(o.keys, E'\n'), string_to_array(o.lengths, ',')::integer[]) WITH ORDINALITY AS e (key, length, n)
) a ON a.pack_id = k.id
WHERE k.gone IS NULL OR get_bit(k.gone, a.slot) = 0;
