SELECT dossier_no, seq, name, code, moment, amount, kind
FROM dossier_fee
