-- +goose Up
-- Unread mails that the server does not hand out: they stay there, are asked for again, and hold up nobody. Written by package inbound.
ALTER TABLE inbound_folder
    ADD COLUMN withheld      integer NOT NULL DEFAULT 0,
    ADD COLUMN withheld_said text NOT NULL DEFAULT '', -- by the server, of the last of them
    ADD COLUMN withheld_at   timestamptz;              -- when it began
