-- +goose Up
-- What delivery needs beside the letter itself. Written by package outbox.
ALTER TABLE outbox
    ADD COLUMN partly           boolean NOT NULL DEFAULT false, -- a recipient has it already: cannot be taken back
    ADD COLUMN trouble_at       timestamptz,                    -- since when it stands under Undelivered
    ADD COLUMN resolve_at       timestamptz,                    -- uncertain: when to look or to send again by ourselves; NULL = a person decides
    ADD COLUMN resolve_attempts integer NOT NULL DEFAULT 0;

DROP INDEX outbox_due, outbox_trouble;
CREATE INDEX outbox_due ON outbox (mailbox_id, send_after, id) WHERE state = 'queued';
CREATE INDEX outbox_trouble ON outbox (trouble_at DESC, id DESC) WHERE trouble;
CREATE INDEX outbox_resolve ON outbox (resolve_at) WHERE resolve_at IS NOT NULL;
DROP INDEX bounce_open;
CREATE INDEX bounce_open ON bounce (at DESC, id DESC) WHERE outbox_id IS NULL AND settled_at IS NULL;

-- How the sending side of a mailbox is doing; both processes keep to its pauses.
CREATE TABLE outbox_server (
    mailbox_id bigint PRIMARY KEY REFERENCES mailbox ON DELETE CASCADE,
    failures   integer NOT NULL DEFAULT 0,      -- in a row
    retry_at   timestamptz,                     -- not before; NULL = the server answers
    error      text NOT NULL DEFAULT '',
    error_at   timestamptz,
    success_at timestamptz,
    max_size   bigint NOT NULL DEFAULT 0        -- largest letter it takes (RFC 1870); 0 = it does not say
);
