-- +goose Up
-- What came back with a backup, and nobody knows what has become of it since.
ALTER TABLE outbox ADD COLUMN restored boolean NOT NULL DEFAULT false;  -- uncertain for that reason: never sent again by itself
ALTER TABLE inbound_folder ADD COLUMN net_from timestamptz;             -- the safety net reaches back to here until it finds nothing
