-- +goose Up
-- Lists that are written into a file in the background. Written by package export.
CREATE TABLE export (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id    bigint NOT NULL REFERENCES agent ON DELETE CASCADE, -- who asked, and alone may have it
    name        text NOT NULL,                  -- of the list, as it was called then
    view        text NOT NULL,
    query       text NOT NULL DEFAULT '',
    ordered     text NOT NULL DEFAULT '',
    asked_at    timestamptz NOT NULL,           -- what "late" and "2d" count from
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting','running','ready','failed','cancelled','expired')),
    reason      text NOT NULL DEFAULT '',       -- of failed: trouble, rights
    total       bigint,                         -- tickets; NULL until they are looked up
    done        bigint NOT NULL DEFAULT 0,      -- of them
    queues      bigint[] NOT NULL DEFAULT '{}', -- whose tickets the file holds: who may not see one of them any more may not have it
    attempts    integer NOT NULL DEFAULT 0,
    try_at      timestamptz NOT NULL,
    lease       uuid,
    lease_until timestamptz,
    blob_id     bigint REFERENCES blob,
    size        bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);
CREATE INDEX export_agent ON export (agent_id, id DESC);
CREATE INDEX export_open ON export (try_at) WHERE state IN ('waiting','running');
CREATE INDEX export_finished ON export (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX export_blob ON export (blob_id) WHERE blob_id IS NOT NULL;
