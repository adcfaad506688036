-- A slice takes its ids by one number: the first of 1,024, which are its own (Postgres/PostgresSession.cs). All of them are above those given before.
ALTER SEQUENCE version_id INCREMENT BY 1024;
ALTER SEQUENCE payload_id INCREMENT BY 1024;
