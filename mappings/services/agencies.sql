-- updated_at của dịch vụ quyết định cơ quan mang mã nào vào ngày đó.
SELECT a.service_code, a.seq, a.agency_code, s.updated_at
FROM service_agency a
JOIN service s ON s.service_code = a.service_code
WHERE s.integrated = 1
