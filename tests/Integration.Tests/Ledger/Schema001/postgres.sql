SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE FUNCTION public.ledger_now() RETURNS bigint
    LANGUAGE sql STABLE
    AS $$ SELECT (extract(epoch FROM now()) * 1000000)::bigint $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.attempt (
    id bigint NOT NULL,
    pipeline_id bigint NOT NULL,
    token bigint NOT NULL,
    kind smallint NOT NULL,
    started bigint NOT NULL,
    took bigint NOT NULL,
    worker text NOT NULL,
    records integer NOT NULL,
    request_hash bytea NOT NULL,
    response_hash bytea NOT NULL,
    status integer NOT NULL,
    code text NOT NULL,
    message text NOT NULL
);
ALTER TABLE public.attempt ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.attempt_record (
    id bigint NOT NULL,
    attempt_id bigint NOT NULL,
    version_id bigint NOT NULL,
    code text NOT NULL,
    message text NOT NULL
);
ALTER TABLE public.attempt_record ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.attempt_record_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.audit (
    id bigint NOT NULL,
    at bigint NOT NULL,
    who text NOT NULL,
    what text NOT NULL,
    pipeline text,
    about text,
    versions bigint NOT NULL,
    reason text NOT NULL
);
ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.claim (
    token bigint NOT NULL,
    worker text NOT NULL,
    until bigint NOT NULL
);
ALTER TABLE public.claim ALTER COLUMN token ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.claim_token_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.lease (
    job text NOT NULL,
    holder text NOT NULL,
    token bigint NOT NULL,
    until bigint NOT NULL
);
CREATE TABLE public.payload (
    id bigint NOT NULL,
    bytes bytea NOT NULL
);
ALTER TABLE ONLY public.payload ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE SEQUENCE public.payload_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.pipeline (
    id bigint NOT NULL,
    name text NOT NULL,
    watermark text,
    waits_for text,
    mapping_version text,
    paused_by text,
    paused_reason text,
    paused_at bigint,
    parked_until bigint,
    parked_vi text,
    parked_en text
);
ALTER TABLE public.pipeline ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pipeline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.rejection (
    id bigint NOT NULL,
    version_id bigint NOT NULL,
    rule text NOT NULL,
    target_field text,
    source_field text,
    masked_value text,
    detail text,
    at bigint NOT NULL,
    standing boolean DEFAULT true NOT NULL
);
ALTER TABLE public.rejection ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rejection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.run (
    id bigint NOT NULL,
    pipeline_id bigint NOT NULL,
    kind smallint NOT NULL,
    worker text NOT NULL,
    mapping_version text NOT NULL,
    started bigint NOT NULL,
    ended bigint,
    outcome smallint DEFAULT 0 NOT NULL,
    extracted bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    added bigint DEFAULT 0 NOT NULL,
    changed bigint DEFAULT 0 NOT NULL,
    withdrawn bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    detail_vi text,
    detail_en text
);
ALTER TABLE public.run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.schema_version (
    version integer NOT NULL
);
CREATE TABLE public.source_file (
    pipeline_id bigint NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    rows bigint NOT NULL,
    run_id bigint NOT NULL,
    taken_at bigint NOT NULL
);
CREATE TABLE public.version (
    id bigint NOT NULL,
    pipeline_id bigint NOT NULL,
    run_id bigint NOT NULL,
    key_hash uuid NOT NULL,
    key text NOT NULL,
    kind smallint NOT NULL,
    state smallint NOT NULL,
    newest boolean NOT NULL,
    receiver_has boolean NOT NULL,
    needs_person boolean DEFAULT false NOT NULL,
    hash bytea NOT NULL,
    group_hash uuid,
    group_key text,
    order_no bigint NOT NULL,
    parent_hash uuid,
    parent_key text,
    payload_id bigint,
    payload_offset integer NOT NULL,
    payload_length integer NOT NULL,
    not_before bigint NOT NULL,
    lease_token bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    extracted_at bigint NOT NULL,
    acknowledged_at bigint,
    attempt_id bigint,
    receipt text,
    memo text
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_cost_delay='0');
CREATE SEQUENCE public.version_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
-- Data for Name: attempt; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.attempt OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, 0, 1782892800000000, 12000, 'worker-1', 3, '\x1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', '\xa9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1', 200, '0', 'Đồng bộ thành công');
INSERT INTO public.attempt OVERRIDING SYSTEM VALUE VALUES (2, 1, 2, 0, 1782892800000000, 12000, 'worker-1', 1, '\x1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', '\xa9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1', 200, '0', 'Đồng bộ thành công');
INSERT INTO public.attempt OVERRIDING SYSTEM VALUE VALUES (3, 1, 2, 0, 1782892800000000, 12000, 'worker-1', 1, '\x1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', '\xa9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1', 200, '0', 'Đồng bộ thành công');
INSERT INTO public.attempt OVERRIDING SYSTEM VALUE VALUES (4, 1, 2, 0, 1782892800000000, 12000, 'worker-1', 1, '\x1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', '\xa9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1', 200, '0', 'Đồng bộ thành công');
INSERT INTO public.attempt OVERRIDING SYSTEM VALUE VALUES (5, 1, 2, 0, 1782892800000000, 12000, 'worker-1', 1, '\x1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', '\xa9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1', 200, '0', 'Đồng bộ thành công');
INSERT INTO public.attempt OVERRIDING SYSTEM VALUE VALUES (6, 2, 3, 0, 1782892800000000, 12000, 'worker-1', 1, '\x1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', '\xa9f4b3d22a523fdada41c85c175425bcd15b32b4cd0f54d9433accd52d7195a1', 200, '0', 'Đồng bộ thành công');
-- Data for Name: attempt_record; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.attempt_record OVERRIDING SYSTEM VALUE VALUES (1, 2, 10, '0', 'thông báo');
INSERT INTO public.attempt_record OVERRIDING SYSTEM VALUE VALUES (2, 3, 11, '0', 'thông báo');
INSERT INTO public.attempt_record OVERRIDING SYSTEM VALUE VALUES (3, 4, 12, '0', 'thông báo');
INSERT INTO public.attempt_record OVERRIDING SYSTEM VALUE VALUES (4, 5, 13, '0', 'thông báo');
-- Data for Name: audit; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (1, 1795417928872894, 'operator', 'pause', 'steps', NULL, 0, 'nghỉ lễ');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (2, 1795417928906278, 'operator', 'resume', 'steps', NULL, 0, 'hết nghỉ');
-- Data for Name: claim; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (1, 'worker-1', 1795417987477899);
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (2, 'worker-1', 1795417988051832);
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (3, 'worker-1', 1795417988672516);
-- Data for Name: lease; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.lease VALUES ('sync:dossiers', 'test', 1, 1881817927380805);
INSERT INTO public.lease VALUES ('sync:steps', 'test', 1, 1881817928439518);
-- Data for Name: payload; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.payload VALUES (1, '\x613162317731');
INSERT INTO public.payload VALUES (2, '\x7231');
INSERT INTO public.payload VALUES (3, '\x723262327261772d726f77');
INSERT INTO public.payload VALUES (4, '\x6c31');
INSERT INTO public.payload VALUES (5, '\x6631753171317431');
INSERT INTO public.payload VALUES (6, '\x6c327532');
INSERT INTO public.payload VALUES (7, '\x7831783278337931');
-- Data for Name: pipeline; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.pipeline OVERRIDING SYSTEM VALUE VALUES (1, 'dossiers', NULL, NULL, 'm1', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.pipeline OVERRIDING SYSTEM VALUE VALUES (2, 'steps', NULL, 'dossiers', 'm1', NULL, NULL, NULL, NULL, NULL, NULL);
-- Data for Name: rejection; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.rejection OVERRIDING SYSTEM VALUE VALUES (1, 8, 'lookup-missing', 'MaTTHC', 'procedure_code', '9.999', 'procedures', 1795417927823859, true);
INSERT INTO public.rejection OVERRIDING SYSTEM VALUE VALUES (2, 10, 'refused-by-target', NULL, NULL, NULL, '9 từ chối', 1795417928175827, true);
INSERT INTO public.rejection OVERRIDING SYSTEM VALUE VALUES (3, 12, 'needs-person', NULL, NULL, NULL, 'Portal', 1795417928259815, true);
-- Data for Name: run; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES (1, 1, 0, 'worker-1', 'm1', 1795417927384437, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES (2, 2, 0, 'worker-1', 'm1', 1795417928487513, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL);
-- Data for Name: schema_version; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.schema_version VALUES (1);
-- Data for Name: source_file; Type: TABLE DATA; Schema: public; Owner: -
-- Data for Name: version; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.version VALUES (1, 1, 1, '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 0, 4, true, false, false, '\xf55ff16f66f43360266b95db6f8fec01d76031054306ae4a4b380598f6cfd114', NULL, NULL, 0, NULL, NULL, 1, 0, 2, 1795417927601351, 1, 1, 1795417927406223, 1795417927601351, 1, 'R-acked', NULL);
INSERT INTO public.version VALUES (2, 1, 1, '840d8f9e-0b27-07af-07b3-38fac5958cdc', 'acked-changed', 0, 4, false, false, false, '\x7dc96f776c8423e57a2785489a3f9c43fb6e756876d6ad9a9cac4aa4e72ec193', NULL, NULL, 0, NULL, NULL, 1, 2, 2, 1795417927601351, 1, 1, 1795417927406223, 1795417927601351, 1, 'R-acked-changed', NULL);
INSERT INTO public.version VALUES (3, 1, 1, '59c460fd-3bd0-a866-600f-5c72ca868c83', 'withdrawn', 0, 4, false, false, false, '\x60c5590f72eef292f9545afc28bf63ca91d2016a0a288f90f9a32f89d3fffcaf', NULL, NULL, 0, NULL, NULL, 1, 4, 2, 1795417927601351, 1, 1, 1795417927406223, 1795417927601351, 1, 'R-withdrawn', NULL);
INSERT INTO public.version VALUES (4, 1, 1, '336d4db2-6e73-56cd-04a4-b17bc9c64810', 'ready', 0, 6, false, false, false, '\x82f3e9c695dc6b8d1b11818d5701919e286de8d47f7c3eb3100c485f79e57828', NULL, NULL, 0, NULL, NULL, 2, 0, 2, 1795417927757702, 0, 0, 1795417927757702, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (6, 1, 1, '840d8f9e-0b27-07af-07b3-38fac5958cdc', 'acked-changed', 0, 0, true, true, false, '\x4814d92093ac8a0f4a2163ab87dee509ba306a58f5888be0edcb2fcd0712028b', NULL, NULL, 0, NULL, NULL, 3, 2, 2, 1795417927823859, 0, 0, 1795417927823859, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (7, 1, 1, '59c460fd-3bd0-a866-600f-5c72ca868c83', 'withdrawn', 2, 0, true, true, false, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', NULL, NULL, 0, NULL, NULL, NULL, 4, 0, 1795417927823859, 0, 0, 1795417927823859, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (8, 1, 1, '9fa26d37-3a15-a60a-d881-64942a2c7483', 'mapped-wrong', 1, 5, true, false, false, '\x5d99b9915b4db7c6c53f6144f26391d784445cd5782c0d896d47d32b76d3eff1', NULL, NULL, 0, NULL, NULL, 3, 4, 7, 1795417927823859, 0, 0, 1795417927823859, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (10, 1, 1, 'd374c883-8b3e-73ff-caaa-762c79cd1ed1', 'refused', 0, 5, true, false, false, '\x3f524cdc07a11d7c6220bdb049fe8dd41b27483c96cc59b581e022d547290d69', NULL, NULL, 0, NULL, NULL, 5, 0, 2, 1795417928175827, 2, 1, 1795417927980317, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (12, 1, 1, '871ea838-96e7-e631-02bf-5fbd307ce2fc', 'person', 0, 3, true, false, true, '\xc75de8c1b7c3ae5252091267a736a9bf57001d80e82668b3cb3cd09e2f6a43cb', NULL, NULL, 0, NULL, NULL, 5, 4, 2, 1795417928259815, 2, 1, 1795417927980317, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (13, 1, 1, 'b39bb206-8118-0841-e942-70528fe7994c', 'retry', 0, 0, true, false, false, '\x628b49d96dcde97a430dd4f597705899e09a968f793491e4b704cae33a40dc02', NULL, NULL, 0, NULL, NULL, 5, 6, 2, 1795417928314548, 2, 1, 1795417927980317, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (5, 1, 1, '336d4db2-6e73-56cd-04a4-b17bc9c64810', 'ready', 0, 0, true, false, false, '\xdb77fd01af957221a4989b64b3770a83a3c56068405b9f0e9408feae57fd17e4', NULL, NULL, 0, NULL, NULL, 3, 0, 2, 1795417927823859, 2, 0, 1795417927823859, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (9, 1, 1, 'c401f01e-7347-a3ad-4af4-534af34dfedf', 'leased', 0, 1, false, false, false, '\x2804bad6fe94a55f18b2b37e300919a5fd517b95aa81e95db574c0ba069a3740', NULL, NULL, 0, NULL, NULL, 4, 0, 2, 1795417927907818, 2, 0, 1795417927907818, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (11, 1, 1, '846a3ab2-c039-e5dd-5158-93e7c90c1e32', 'unknown', 0, 3, false, false, false, '\xbb82030dbc2bcaba32a90bf2e207a84a856fc5f033b77c480836ab6f77f40f19', NULL, NULL, 0, NULL, NULL, 5, 2, 2, 1795417928221958, 2, 1, 1795417927980317, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (14, 1, 1, 'c401f01e-7347-a3ad-4af4-534af34dfedf', 'leased', 0, 2, true, false, false, '\x8a1cee436cbac1489a1883c9d886fcfc46f302c55ed4106ae31729e4f4eb9041', NULL, NULL, 0, NULL, NULL, 6, 0, 2, 1795417928375944, 0, 0, 1795417928375944, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (15, 1, 1, '846a3ab2-c039-e5dd-5158-93e7c90c1e32', 'unknown', 0, 2, true, false, false, '\x6ca202c88e549dff68c09bfafbfc60b2fac074debc1e6777e9ba4b6c703ed114', NULL, NULL, 0, NULL, NULL, 6, 2, 2, 1795417928375944, 0, 0, 1795417928375944, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (17, 2, 2, '468832ad-18aa-2ab3-3358-16374511cac1', 's2', 0, 0, true, false, false, '\x844ecc08164e2eab27634a9adee1afa6599e589570e719784e080ce747fc0e45', '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 2, '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 7, 2, 2, 1795417928559824, 0, 0, 1795417928559824, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (18, 2, 2, '9f2b2441-56ae-d4fa-e6e7-7dfe33cb18d1', 's3', 0, 0, true, false, false, '\x844b69c4d54cc264bc2dadb6bb70f53bc123beafc0f58d81ed8cd4a07c24a5a7', '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 3, '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 7, 4, 2, 1795417928559824, 0, 0, 1795417928559824, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (19, 2, 2, '5701845b-e8e7-ef6a-3b3f-d0fc24f3add3', 's4', 0, 2, true, false, false, '\x03e0769b10886aef0ff2170851dd67d41755c87037c4319d9901e7fdf518c485', 'd374c883-8b3e-73ff-caaa-762c79cd1ed1', 'refused', 1, 'd374c883-8b3e-73ff-caaa-762c79cd1ed1', 'refused', 7, 6, 2, 1795417928559824, 0, 0, 1795417928559824, NULL, NULL, NULL, NULL);
INSERT INTO public.version VALUES (16, 2, 2, '3c16bce8-ee82-87e1-3328-8c7d4ac636db', 's1', 0, 4, true, false, false, '\xec31682fde561917952ff78a7a8adeffd0febc372dd26871916c46c630381b45', '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 1, '7b045b51-5a32-0b58-2f88-0408ca17f293', 'acked', 7, 0, 2, 1795417928838401, 3, 1, 1795417928559824, 1795417928838401, 6, 'R-s1', NULL);
SELECT pg_catalog.setval('public.attempt_id_seq', 6, true);
SELECT pg_catalog.setval('public.attempt_record_id_seq', 4, true);
SELECT pg_catalog.setval('public.audit_id_seq', 2, true);
SELECT pg_catalog.setval('public.claim_token_seq', 3, true);
SELECT pg_catalog.setval('public.payload_id', 7, true);
SELECT pg_catalog.setval('public.pipeline_id_seq', 3, true);
SELECT pg_catalog.setval('public.rejection_id_seq', 3, true);
SELECT pg_catalog.setval('public.run_id_seq', 2, true);
SELECT pg_catalog.setval('public.version_id', 19, true);
ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attempt_record
    ADD CONSTRAINT attempt_record_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (job);
ALTER TABLE ONLY public.payload
    ADD CONSTRAINT payload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pipeline
    ADD CONSTRAINT pipeline_name_key UNIQUE (name);
ALTER TABLE ONLY public.pipeline
    ADD CONSTRAINT pipeline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rejection
    ADD CONSTRAINT rejection_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.source_file
    ADD CONSTRAINT source_file_pkey PRIMARY KEY (pipeline_id, sha256);
ALTER TABLE ONLY public.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (id);
CREATE INDEX attempt_record_of_version ON public.attempt_record USING btree (version_id);
CREATE INDEX rejection_of_version ON public.rejection USING btree (version_id) WHERE standing;
CREATE INDEX run_of_pipeline ON public.run USING btree (pipeline_id, id);
CREATE INDEX version_failed ON public.version USING btree (pipeline_id, id) WHERE ((state = 5) OR needs_person);
CREATE UNIQUE INDEX version_in_flight ON public.version USING btree (pipeline_id, key_hash) WHERE (state = ANY (ARRAY[1, 3]));
CREATE INDEX version_leased ON public.version USING btree (lease_token) WHERE (state = 1);
CREATE UNIQUE INDEX version_newest ON public.version USING btree (pipeline_id, key_hash) WHERE newest;
CREATE INDEX version_older ON public.version USING btree (pipeline_id, key_hash) WHERE (NOT newest);
CREATE INDEX version_open_in_group ON public.version USING btree (pipeline_id, group_hash, order_no, id) WHERE ((group_hash IS NOT NULL) AND (state < 4));
CREATE INDEX version_ready ON public.version USING btree (pipeline_id, kind, receiver_has, not_before, id) WHERE ((state = 0) AND (group_hash IS NULL));
CREATE INDEX version_ready_grouped ON public.version USING btree (pipeline_id, kind, receiver_has, not_before, id) WHERE ((state = 0) AND (group_hash IS NOT NULL));
CREATE INDEX version_unknown ON public.version USING btree (pipeline_id, kind, receiver_has, not_before, id) WHERE ((state = 3) AND (NOT needs_person));
CREATE INDEX version_waiting ON public.version USING btree (id) WHERE (state = 2);
CREATE INDEX version_waiting_for_parent ON public.version USING btree (pipeline_id, parent_hash) WHERE ((state = 2) AND (parent_hash IS NOT NULL));
CREATE TRIGGER audit_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_is_append_only();
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES public.pipeline(id);
ALTER TABLE ONLY public.source_file
    ADD CONSTRAINT source_file_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES public.pipeline(id);
