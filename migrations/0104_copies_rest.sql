-- +goose Up
-- Until when nobody signs in for a Sent folder, after the password was refused. Written by package outbox.
ALTER TABLE outbox_server ADD COLUMN copies_at timestamptz; -- NULL = the password was taken, as far as is known
