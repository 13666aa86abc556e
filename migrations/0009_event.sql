-- +goose Up
-- What happened. Written by package event.
CREATE TABLE event (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    by_agent     bigint REFERENCES agent,
    by_rule      bigint,
    subject_kind text NOT NULL,                 -- ticket, customer, mailbox, agent, desk
    subject_id   bigint NOT NULL,
    kind         text NOT NULL,                 -- the closed list stands in internal/event/kind.go
    data         jsonb NOT NULL DEFAULT '{}',
    message_id   bigint,
    cause        bigint                         -- the event this one follows from
);
CREATE INDEX event_subject ON event (subject_kind, subject_id, id);
CREATE INDEX event_message ON event (message_id) WHERE message_id IS NOT NULL;

-- How the background flows are doing, one row per process and flow. Written by package flow.
CREATE TABLE flow_status (
    process    text NOT NULL,
    flow       text NOT NULL,
    last_pass  timestamptz NOT NULL,
    rows       bigint NOT NULL DEFAULT 0,       -- handled in the last pass
    error      text NOT NULL DEFAULT '',
    oldest     timestamptz,                     -- when the oldest waiting row was due
    PRIMARY KEY (process, flow)
);
