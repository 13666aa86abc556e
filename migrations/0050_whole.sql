-- +goose Up
-- Mails that were too large to be taken whole and that a person wants all the same: their source is fetched into a blob, nothing is parsed. A row
-- is one such wish and what became of it. Written by package inbound.
CREATE TABLE inbound_whole (
    inbound_id bigint PRIMARY KEY REFERENCES inbound,
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting','fetching','fetched','failed')),
    reason     text NOT NULL DEFAULT '',    -- a word of a closed list: what hindered the last attempt, or why there will be no other
    error      text NOT NULL DEFAULT '',    -- the same as it was met, for whoever looks into it
    asked_at   timestamptz NOT NULL,
    try_at     timestamptz NOT NULL,        -- not before; while fetching, when to look after it should the process die
    attempts   integer NOT NULL DEFAULT 0,
    claim      bigint NOT NULL DEFAULT 0,   -- of the attempt under way
    got        bigint NOT NULL DEFAULT 0,   -- bytes, as they come
    blob_id    bigint REFERENCES blob,      -- set: fetched
    settled_at timestamptz
);
CREATE INDEX inbound_whole_due ON inbound_whole (try_at) WHERE state IN ('waiting','fetching');
CREATE INDEX inbound_whole_blob ON inbound_whole (blob_id) WHERE blob_id IS NOT NULL;
