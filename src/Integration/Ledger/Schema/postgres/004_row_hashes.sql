-- Of the source row that the newest version of a key was made from, together with all that decided what became of it: while it stays the same the row
-- need not be mapped again. Null: it is mapped.
ALTER TABLE version ADD COLUMN row_hash uuid;
ALTER TABLE record ADD COLUMN row_hash uuid;

-- All of them are written anew after a change of the map: let the cleaning come before the table grows.
ALTER TABLE record SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

-- The payloads of a pack repeat each other, and take a tenth when they are compressed: less to log, to write and to keep. A server built without lz4
-- keeps them as they are.
DO $$
BEGIN
    EXECUTE 'ALTER TABLE payload ALTER COLUMN bytes SET COMPRESSION lz4';
    EXECUTE 'ALTER TABLE payload ALTER COLUMN bytes SET STORAGE EXTENDED';
EXCEPTION WHEN feature_not_supported OR syntax_error OR invalid_parameter_value THEN
    NULL;
END $$;
