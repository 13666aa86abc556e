-- +goose NO TRANSACTION
-- +goose Up
-- Open tickets by their next due time, walked queue by queue. What an interrupted try has left is of no use.
DROP INDEX CONCURRENTLY IF EXISTS ticket_open_due;
CREATE INDEX CONCURRENTLY ticket_open_due ON ticket (queue_id, next_due, id)
    WHERE deleted_at IS NULL AND kind IN ('new','open','waiting') AND next_due IS NOT NULL;
