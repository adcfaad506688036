-- Of the source row that the newest version of a key was made from, together with all that decided what became of it: while it stays the same the row
-- need not be mapped again. Null: it is mapped.
ALTER TABLE version ADD COLUMN row_hash BLOB;
ALTER TABLE record ADD COLUMN row_hash BLOB;
