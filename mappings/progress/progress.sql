SELECT step_id, dossier_no, step_no, handler, handler_title, at, department, content, status, started_at, due_at, updated_at
FROM progress
