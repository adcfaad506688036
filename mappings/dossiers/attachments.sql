SELECT dossier_no, seq, file_id, name, component_code, url, digitized, reused, from_store
FROM dossier_attachment
