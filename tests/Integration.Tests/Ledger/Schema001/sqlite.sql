PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schema_version (version integer NOT NULL PRIMARY KEY);
INSERT INTO schema_version VALUES(1);
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
INSERT INTO pipeline VALUES(1,'dossiers',NULL,NULL,'m1',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO pipeline VALUES(2,'steps',NULL,'dossiers','m1',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE lease (job TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, until INTEGER NOT NULL);
INSERT INTO lease VALUES('sync:dossiers','test',1,1869267600000000);
INSERT INTO lease VALUES('sync:steps','test',1,1869267600000000);
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
INSERT INTO run VALUES(1,1,0,'worker-1','m1',1782867600000000,NULL,0,0,0,0,0,0,0,NULL,NULL);
INSERT INTO run VALUES(2,2,0,'worker-1','m1',1782867600000000,NULL,0,0,0,0,0,0,0,NULL,NULL);
CREATE TABLE payload (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
INSERT INTO payload VALUES(1,X'613162317731');
INSERT INTO payload VALUES(2,X'7231');
INSERT INTO payload VALUES(3,X'723262327261772d726f77');
INSERT INTO payload VALUES(4,X'6c31');
INSERT INTO payload VALUES(5,X'6631753171317431');
INSERT INTO payload VALUES(6,X'6c327532');
INSERT INTO payload VALUES(7,X'7831783278337931');
CREATE TABLE claim (token INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, until INTEGER NOT NULL);
INSERT INTO claim VALUES(1,'worker-1',1782867660000000);
INSERT INTO claim VALUES(2,'worker-1',1782867660000000);
INSERT INTO claim VALUES(3,'worker-1',1782867660000000);
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
INSERT INTO version VALUES(1,1,1,X'515b047b325a580b2f880408ca17f293','acked',0,4,1,0,0,X'f55ff16f66f43360266b95db6f8fec01d76031054306ae4a4b380598f6cfd114',NULL,NULL,0,NULL,NULL,1,0,2,1782867600000000,1,1,1782867600000000,1782867600000000,1,'R-acked',NULL);
INSERT INTO version VALUES(2,1,1,X'9e8f0d84270baf0707b338fac5958cdc','acked-changed',0,4,0,0,0,X'7dc96f776c8423e57a2785489a3f9c43fb6e756876d6ad9a9cac4aa4e72ec193',NULL,NULL,0,NULL,NULL,1,2,2,1782867600000000,1,1,1782867600000000,1782867600000000,1,'R-acked-changed',NULL);
INSERT INTO version VALUES(3,1,1,X'fd60c459d03b66a8600f5c72ca868c83','withdrawn',0,4,0,0,0,X'60c5590f72eef292f9545afc28bf63ca91d2016a0a288f90f9a32f89d3fffcaf',NULL,NULL,0,NULL,NULL,1,4,2,1782867600000000,1,1,1782867600000000,1782867600000000,1,'R-withdrawn',NULL);
INSERT INTO version VALUES(4,1,1,X'b24d6d33736ecd5604a4b17bc9c64810','ready',0,6,0,0,0,X'82f3e9c695dc6b8d1b11818d5701919e286de8d47f7c3eb3100c485f79e57828',NULL,NULL,0,NULL,NULL,2,0,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(5,1,1,X'b24d6d33736ecd5604a4b17bc9c64810','ready',0,0,1,0,0,X'db77fd01af957221a4989b64b3770a83a3c56068405b9f0e9408feae57fd17e4',NULL,NULL,0,NULL,NULL,3,0,2,1782867600000000,2,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(6,1,1,X'9e8f0d84270baf0707b338fac5958cdc','acked-changed',0,0,1,1,0,X'4814d92093ac8a0f4a2163ab87dee509ba306a58f5888be0edcb2fcd0712028b',NULL,NULL,0,NULL,NULL,3,2,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(7,1,1,X'fd60c459d03b66a8600f5c72ca868c83','withdrawn',2,0,1,1,0,X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',NULL,NULL,0,NULL,NULL,NULL,4,0,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(8,1,1,X'376da29f153a0aa6d88164942a2c7483','mapped-wrong',1,5,1,0,0,X'5d99b9915b4db7c6c53f6144f26391d784445cd5782c0d896d47d32b76d3eff1',NULL,NULL,0,NULL,NULL,3,4,7,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(9,1,1,X'1ef001c44773ada34af4534af34dfedf','leased',0,1,0,0,0,X'2804bad6fe94a55f18b2b37e300919a5fd517b95aa81e95db574c0ba069a3740',NULL,NULL,0,NULL,NULL,4,0,2,1782867600000000,2,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(10,1,1,X'83c874d33e8bff73caaa762c79cd1ed1','refused',0,5,1,0,0,X'3f524cdc07a11d7c6220bdb049fe8dd41b27483c96cc59b581e022d547290d69',NULL,NULL,0,NULL,NULL,5,0,2,1782867600000000,2,1,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(11,1,1,X'b23a6a8439c0dde5515893e7c90c1e32','unknown',0,3,0,0,0,X'bb82030dbc2bcaba32a90bf2e207a84a856fc5f033b77c480836ab6f77f40f19',NULL,NULL,0,NULL,NULL,5,2,2,1782867600000000,2,1,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(12,1,1,X'38a81e87e79631e602bf5fbd307ce2fc','person',0,3,1,0,1,X'c75de8c1b7c3ae5252091267a736a9bf57001d80e82668b3cb3cd09e2f6a43cb',NULL,NULL,0,NULL,NULL,5,4,2,1782867600000000,2,1,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(13,1,1,X'06b29bb318814108e94270528fe7994c','retry',0,0,1,0,0,X'628b49d96dcde97a430dd4f597705899e09a968f793491e4b704cae33a40dc02',NULL,NULL,0,NULL,NULL,5,6,2,1782867600000000,2,1,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(14,1,1,X'1ef001c44773ada34af4534af34dfedf','leased',0,2,1,0,0,X'8a1cee436cbac1489a1883c9d886fcfc46f302c55ed4106ae31729e4f4eb9041',NULL,NULL,0,NULL,NULL,6,0,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(15,1,1,X'b23a6a8439c0dde5515893e7c90c1e32','unknown',0,2,1,0,0,X'6ca202c88e549dff68c09bfafbfc60b2fac074debc1e6777e9ba4b6c703ed114',NULL,NULL,0,NULL,NULL,6,2,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(16,2,2,X'e8bc163c82eee18733288c7d4ac636db','s1',0,4,1,0,0,X'ec31682fde561917952ff78a7a8adeffd0febc372dd26871916c46c630381b45',X'515b047b325a580b2f880408ca17f293','acked',1,X'515b047b325a580b2f880408ca17f293','acked',7,0,2,1782867600000000,3,1,1782867600000000,1782867600000000,6,'R-s1',NULL);
INSERT INTO version VALUES(17,2,2,X'ad328846aa18b32a335816374511cac1','s2',0,0,1,0,0,X'844ecc08164e2eab27634a9adee1afa6599e589570e719784e080ce747fc0e45',X'515b047b325a580b2f880408ca17f293','acked',2,X'515b047b325a580b2f880408ca17f293','acked',7,2,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(18,2,2,X'41242b9fae56fad4e6e77dfe33cb18d1','s3',0,0,1,0,0,X'844b69c4d54cc264bc2dadb6bb70f53bc123beafc0f58d81ed8cd4a07c24a5a7',X'515b047b325a580b2f880408ca17f293','acked',3,X'515b047b325a580b2f880408ca17f293','acked',7,4,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
INSERT INTO version VALUES(19,2,2,X'5b840157e7e86aef3b3fd0fc24f3add3','s4',0,2,1,0,0,X'03e0769b10886aef0ff2170851dd67d41755c87037c4319d9901e7fdf518c485',X'83c874d33e8bff73caaa762c79cd1ed1','refused',1,X'83c874d33e8bff73caaa762c79cd1ed1','refused',7,6,2,1782867600000000,0,0,1782867600000000,NULL,NULL,NULL,NULL);
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
INSERT INTO attempt VALUES(1,1,1,0,1782892800000000,12000,'worker-1',3,X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047',X'a9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1',200,'0','Đồng bộ thành công');
INSERT INTO attempt VALUES(2,1,2,0,1782892800000000,12000,'worker-1',1,X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047',X'a9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1',200,'0','Đồng bộ thành công');
INSERT INTO attempt VALUES(3,1,2,0,1782892800000000,12000,'worker-1',1,X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047',X'a9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1',200,'0','Đồng bộ thành công');
INSERT INTO attempt VALUES(4,1,2,0,1782892800000000,12000,'worker-1',1,X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047',X'a9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1',200,'0','Đồng bộ thành công');
INSERT INTO attempt VALUES(5,1,2,0,1782892800000000,12000,'worker-1',1,X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047',X'a9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1',200,'0','Đồng bộ thành công');
INSERT INTO attempt VALUES(6,2,3,0,1782892800000000,12000,'worker-1',1,X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047',X'a9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1',200,'0','Đồng bộ thành công');
CREATE TABLE attempt_record (id INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL, version_id INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL);
INSERT INTO attempt_record VALUES(1,2,10,'0','thông báo');
INSERT INTO attempt_record VALUES(2,3,11,'0','thông báo');
INSERT INTO attempt_record VALUES(3,4,12,'0','thông báo');
INSERT INTO attempt_record VALUES(4,5,13,'0','thông báo');
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
INSERT INTO rejection VALUES(1,8,'lookup-missing','MaTTHC','procedure_code','9.999','procedures',1782867600000000,1);
INSERT INTO rejection VALUES(2,10,'refused-by-target',NULL,NULL,NULL,'9 từ chối',1782867600000000,1);
INSERT INTO rejection VALUES(3,12,'needs-person',NULL,NULL,NULL,'Portal',1782867600000000,1);
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
INSERT INTO audit VALUES(1,1782867600000000,'operator','pause','steps',NULL,0,'nghỉ lễ');
INSERT INTO audit VALUES(2,1782867600000000,'operator','resume','steps',NULL,0,'hết nghỉ');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('claim',3);
CREATE INDEX run_of_pipeline ON run (pipeline_id, id);
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
CREATE INDEX attempt_record_of_version ON attempt_record (version_id);
CREATE INDEX rejection_of_version ON rejection (version_id) WHERE standing;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
COMMIT;
