-- +goose Up
-- Mails that were taken and that the server does not let be marked as read. Written by package inbound.
ALTER TABLE inbound_folder
    ADD COLUMN unmarked      integer NOT NULL DEFAULT 0,
    ADD COLUMN unmarked_said text NOT NULL DEFAULT '', -- by the server, of the last of them
    ADD COLUMN unmarked_at   timestamptz;              -- when it began
