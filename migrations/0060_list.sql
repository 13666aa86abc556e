-- +goose Up
-- Labels agents choose, and the tree tickets are sorted into. Written by package desk.
CREATE TABLE tag (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX tag_name ON tag (lower(name));

CREATE TABLE category (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id bigint REFERENCES category,
    name      text NOT NULL CHECK (name <> ''),
    active    boolean NOT NULL DEFAULT true,
    position  integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX category_name ON category (COALESCE(parent_id, 0), lower(name));

-- The labels stand on the ticket itself: a page of the list reads them with the row, and Postgres knows how common each one is.
ALTER TABLE ticket
    ADD tag_ids         bigint[] NOT NULL DEFAULT '{}',
    ADD category_id     bigint REFERENCES category,
    ADD postponed_until timestamptz,               -- when a postponed ticket wakes; NULL = by hand or by the customer
    ADD wakes_to        bigint REFERENCES status,  -- the status it had before it was postponed
    ADD deleted_by      bigint REFERENCES agent;
CREATE INDEX ticket_tags            ON ticket USING gin (tag_ids) WHERE tag_ids <> '{}';
CREATE INDEX ticket_category        ON ticket (category_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND category_id IS NOT NULL;
CREATE INDEX ticket_wakes           ON ticket (postponed_until) WHERE deleted_at IS NULL AND kind = 'postponed' AND postponed_until IS NOT NULL;
CREATE INDEX ticket_queue_postponed ON ticket (queue_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND kind = 'postponed';
CREATE INDEX ticket_deleted         ON ticket (deleted_at) WHERE deleted_at IS NOT NULL;

-- What an agent keeps an eye on, for nobody else to see, and what an agent is told about (PRODUCT C11). Neither gives access.
CREATE TABLE ticket_star (
    agent_id  bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    ticket_id bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    PRIMARY KEY (agent_id, ticket_id)
);
CREATE INDEX ticket_star_ticket ON ticket_star (ticket_id);
CREATE TABLE ticket_observer (
    agent_id  bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    ticket_id bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    PRIMARY KEY (agent_id, ticket_id)
);
CREATE INDEX ticket_observer_ticket ON ticket_observer (ticket_id);
