SELECT dossier_no, seq, name, component_code, paper_id, url, result_code
FROM dossier_result
