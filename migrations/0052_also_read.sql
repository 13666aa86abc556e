-- +goose Up
-- Mail that another program has read since the mailbox was connected becomes tickets too. Written by package mailbox.
ALTER TABLE mailbox ADD COLUMN also_read boolean NOT NULL DEFAULT false;
-- Up to which UID a folder was looked through for such mail. Written by package inbound.
ALTER TABLE inbound_folder ADD COLUMN looked_uid bigint NOT NULL DEFAULT 0;
