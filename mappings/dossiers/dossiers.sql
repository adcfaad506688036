SELECT dossier_no, procedure_code, agency_code, channel, owner_kind, owner_name, owner_id_no, phone, email, summary, note, status,
       submitted_at, received_at, due_at, finished_at, returned_at, refused_at, return_method, submitted_to, has_digitized, vneid_verified,
       paid_online, updated_at
FROM dossier
