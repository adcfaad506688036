-- A payload that the worker compressed (Sql/Packing.cs tells how) stands in packed, and bytes is empty; plain is its length before, NULL where bytes holds
-- it as it is.
ALTER TABLE payload ADD COLUMN packed BLOB;
ALTER TABLE payload ADD COLUMN plain INTEGER;
