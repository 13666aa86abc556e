-- +goose Up
-- A filter that somebody gave a name (PRODUCT L3). Written by package desk.
CREATE TABLE saved_view (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id   bigint NOT NULL REFERENCES agent ON DELETE CASCADE, -- whose it is
    name       text NOT NULL CHECK (name <> ''),
    shared     boolean NOT NULL DEFAULT false,
    base       text NOT NULL,               -- the view it narrows
    query      text NOT NULL,               -- as package filter spells it
    ordered    text NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX saved_view_agent  ON saved_view (agent_id);
CREATE INDEX saved_view_shared ON saved_view (shared) WHERE shared;

-- The orders of the list, each to be walked queue by queue.
CREATE INDEX ticket_queue_created       ON ticket (queue_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_queue_due           ON ticket (queue_id, next_due, id) WHERE deleted_at IS NULL AND next_due IS NOT NULL;
CREATE INDEX ticket_queue_priority      ON ticket (queue_id, priority_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_queue_priority_open ON ticket (queue_id, priority_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND kind IN ('new','open','waiting');

-- What a filter may ask for and find little of: without these the list would be walked to its end.
CREATE INDEX ticket_created  ON ticket (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_closed   ON ticket (closed_at) WHERE deleted_at IS NULL AND closed_at IS NOT NULL;
CREATE INDEX ticket_status   ON ticket (status_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_assignee ON ticket (assignee_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND assignee_id IS NOT NULL;
CREATE INDEX ticket_source   ON ticket (source, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND source <> 'email';

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX ticket_requester_parts ON ticket_participant USING gin (address gin_trgm_ops, display gin_trgm_ops) WHERE role = 'requester';
CREATE INDEX customer_company       ON customer (company_id) WHERE company_id IS NOT NULL;
