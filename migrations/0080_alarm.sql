-- +goose Up
-- What is out of order now. Written by package alarm: a row stands as long as its alarm does, so that of all processes one tells of it.
CREATE TABLE alarm (
    kind       text NOT NULL,                   -- the closed list stands in internal/alarm/alarm.go
    machine    text NOT NULL DEFAULT '',        -- whose clock or disk it is; '' = every process sees it
    mailbox_id bigint REFERENCES mailbox ON DELETE CASCADE,
    place      text NOT NULL DEFAULT '',        -- a folder of the mailbox, a directory of the machine
    since      timestamptz NOT NULL,
    n          bigint NOT NULL,                 -- what is counted and of how much: see the kinds
    of         bigint NOT NULL,
    said       text NOT NULL DEFAULT '',
    seen_at    timestamptz NOT NULL,            -- by the machine: one that is gone ends no alarm of its own
    UNIQUE NULLS NOT DISTINCT (kind, machine, mailbox_id, place)
);

-- What the last look at the server found besides what was missed. Written by package inbound.
ALTER TABLE inbound_folder
    ADD COLUMN server_known    integer NOT NULL DEFAULT 0, -- of the last days, in the ledger
    ADD COLUMN server_unread   integer NOT NULL DEFAULT 0, -- of them, waiting for the next poll
    ADD COLUMN acknowledged_at timestamptz;                -- a person knows that the mails were numbered anew
