-- Dịch vụ nào lên cổng là một cột trong danh mục của tỉnh, không phải một con số trong chương trình.
SELECT service_code, procedure_code, service_name, issuing_agency, service_level, submit_url, processing_time, updated_at
FROM service
WHERE integrated = 1
