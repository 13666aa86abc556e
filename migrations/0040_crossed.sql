-- +goose Up
-- When the crossing of a due time was told (PRODUCT P3); colours need no job, refreshes and notifications do. Written by package ticket.
ALTER TABLE ticket_clock ADD COLUMN crossed_at timestamptz;
CREATE INDEX ticket_clock_crossing ON ticket_clock (due_at) WHERE met_at IS NULL AND crossed_at IS NULL AND due_at IS NOT NULL;
