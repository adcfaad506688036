SELECT service_code, seq, fee_code, amount, unit, description
FROM service_fee
