-- What became of leases that ended without a word. Cleared by any answer from a worker that held the record.
ALTER TABLE version ADD COLUMN lost_among integer NOT NULL DEFAULT 0;   -- how many versions the lease held it was last lost with; 0: none
ALTER TABLE version ADD COLUMN lost_alone integer NOT NULL DEFAULT 0;   -- how often it was lost with nothing else in its lease
CREATE INDEX version_lost ON version (pipeline_id, state, lost_among) WHERE lost_among > 0;

-- Runs in a row that died without a word at the same watermark, and the key that the last of them was at (once runs go row by row).
ALTER TABLE pipeline ADD COLUMN deaths integer NOT NULL DEFAULT 0;
ALTER TABLE pipeline ADD COLUMN died_at text;
ALTER TABLE pipeline ADD COLUMN died_on text;

-- How many versions stand in which state: the sum of the rows. A transaction that moves versions adds a row or two of its own, so that
-- writers never wait for each other's row; upkeep folds them. An index over states would cost every record twice at every step instead.
CREATE TABLE tally (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, pipeline_id bigint NOT NULL, state smallint NOT NULL, versions bigint NOT NULL);
LOCK TABLE version IN SHARE MODE;
INSERT INTO tally (pipeline_id, state, versions) SELECT pipeline_id, state, count(*) FROM version GROUP BY pipeline_id, state;

CREATE INDEX version_oldest_ready ON version (pipeline_id, extracted_at, not_before) WHERE state = 0;
CREATE INDEX version_undecided ON version (pipeline_id) WHERE needs_person;
ALTER TABLE tally SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
