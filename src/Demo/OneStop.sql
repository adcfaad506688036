-- The one-stop system of the sample province. Types are read alike by SQLite and PostgreSQL.
-- Times are wall clock times of Asia/Ho_Chi_Minh, text 'yyyy-MM-dd HH:mm:ss.ffffff' in SQLite.
CREATE TABLE IF NOT EXISTS service (
    service_code     text PRIMARY KEY,      -- MADVC
    procedure_code   text NOT NULL,         -- local form, e.g. 1.003560.000.00.00.H60; lookup "procedures" gives the national code
    service_name     text,
    procedure_name   text,
    field_code       text,
    field_name       text,
    issuing_agency   text,
    service_level    text,                  -- toan-trinh | mot-phan | 4 | 3 | 2 (lookup "service-levels")
    submit_url       text,
    processing_time  text,                  -- "05 ngày làm việc"
    integrated       integer NOT NULL,      -- 1: one of those on the national portal
    updated_at       timestamp NOT NULL
);
CREATE TABLE IF NOT EXISTS service_agency (service_code text NOT NULL, seq integer NOT NULL, agency_code text NOT NULL, PRIMARY KEY (service_code, seq));
CREATE TABLE IF NOT EXISTS service_channel (service_code text NOT NULL, seq integer NOT NULL, channel text NOT NULL, PRIMARY KEY (service_code, seq)); -- truc-tiep | truc-tuyen | bcci
CREATE TABLE IF NOT EXISTS service_fee (service_code text NOT NULL, seq integer NOT NULL, fee_code text, amount numeric, unit text, description text, PRIMARY KEY (service_code, seq));
CREATE TABLE IF NOT EXISTS agency (code text PRIMARY KEY, name text NOT NULL, level integer NOT NULL, parent_code text); -- level 1 province, 2 former district, 3 commune
CREATE TABLE IF NOT EXISTS dossier (
    dossier_no       text PRIMARY KEY,      -- {agency}-{yyMMdd}-{seq}
    procedure_code   text NOT NULL,
    agency_code      text,                  -- lookup "agencies", by received_at (former districts end on 2025-06-30)
    channel          text,                  -- truc-tiep | truc-tuyen | bcci
    owner_kind       text,                  -- cong-dan | doanh-nghiep | co-quan | to-chuc
    owner_name       text,
    owner_id_no      text,
    owner_id_kind    text,                  -- cccd | cmnd
    phone            text,
    email            text,
    summary          text,
    note             text,
    status           text,                  -- moi | tiep-nhan | khong-tiep-nhan | dang-xu-ly | bo-sung | nghia-vu-tai-chinh | rut | dung | xong | da-tra
    submitted_at     timestamp,
    received_at      timestamp,
    due_at           timestamp,
    finished_at      timestamp,
    returned_at      timestamp,
    refused_at       timestamp,
    return_method    text,                  -- truc-tiep | buu-chinh
    submitted_to     text,                  -- cong-quoc-gia | tinh
    has_digitized    integer,               -- 0 | 1
    vneid_verified   integer,               -- 0 | 1
    paid_online      text,                  -- quoc-gia | tinh | khong
    updated_at       timestamp NOT NULL
);
CREATE INDEX IF NOT EXISTS dossier_updated ON dossier (updated_at, dossier_no);
CREATE TABLE IF NOT EXISTS dossier_fee (dossier_no text NOT NULL, seq integer NOT NULL, name text, code text, moment text, amount numeric, kind text, PRIMARY KEY (dossier_no, seq)); -- moment: tiep-nhan | bo-sung | tra-ket-qua; kind: phi | le-phi
CREATE TABLE IF NOT EXISTS dossier_attachment (dossier_no text NOT NULL, seq integer NOT NULL, file_id text, name text, component_code text, url text, digitized integer, reused text, from_store integer, PRIMARY KEY (dossier_no, seq));
CREATE TABLE IF NOT EXISTS dossier_result (dossier_no text NOT NULL, seq integer NOT NULL, name text, component_code text, paper_id text, url text, result_code text, PRIMARY KEY (dossier_no, seq));
CREATE TABLE IF NOT EXISTS progress (
    step_id          text PRIMARY KEY,
    dossier_no       text NOT NULL,
    step_no          integer NOT NULL,
    handler          text,
    handler_title    text,
    at               timestamp,
    department       text,
    content          text,
    status           text,                  -- as dossier.status
    started_at       timestamp,
    due_at           timestamp,
    updated_at       timestamp NOT NULL
);
CREATE INDEX IF NOT EXISTS progress_updated ON progress (updated_at, step_id);
