-- A payload that the worker compressed (Sql/Packing.cs tells how) stands in packed, and bytes is empty; plain is its length before, NULL where bytes holds
-- it as it is. The server need not try to compress it once more, and it gives a part of it without reading the rest.
ALTER TABLE payload ADD COLUMN packed bytea;
ALTER TABLE payload ADD COLUMN plain integer;
ALTER TABLE payload ALTER COLUMN packed SET STORAGE EXTERNAL;
