SELECT service_code, seq, channel
FROM service_channel
