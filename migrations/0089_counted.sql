-- +goose NO TRANSACTION
-- +goose Up
-- Counting an agent's own open tickets, and what nobody has, reads these indexes and no tickets: they also hold the queue, and what is unread by.
DROP INDEX CONCURRENTLY IF EXISTS ticket_open_assignee;
CREATE INDEX CONCURRENTLY ticket_open_assignee ON ticket (assignee_id, changed_at DESC, id DESC) INCLUDE (queue_id, last_in_id)
    WHERE deleted_at IS NULL AND kind IN ('new','open','waiting');
DROP INDEX CONCURRENTLY IF EXISTS ticket_open_free;
CREATE INDEX CONCURRENTLY ticket_open_free ON ticket (queue_id, changed_at DESC, id DESC) INCLUDE (last_in_id)
    WHERE deleted_at IS NULL AND kind IN ('new','open','waiting') AND assignee_id IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS ticket_assignee_open;
DROP INDEX CONCURRENTLY IF EXISTS ticket_queue_free;
