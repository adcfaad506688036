-- Hồ sơ không ghi số giấy tờ thì không có định danh, không điền số giả.
SELECT dossier_no, owner_id_kind, owner_id_no
FROM dossier
WHERE owner_id_no IS NOT NULL
