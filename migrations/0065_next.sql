-- +goose Up
-- Handle next asks, for each of the agent's queues and each priority, for the ticket that came first.
CREATE INDEX ticket_next ON ticket (queue_id, priority_id, created_at, id)
    WHERE deleted_at IS NULL AND kind IN ('new','open','waiting') AND assignee_id IS NULL;
