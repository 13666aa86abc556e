-- +goose Up
-- What a delivery report that fits no letter is told by: who sent it, and what it calls itself. Written by package outbox.
ALTER TABLE bounce
    ADD COLUMN sender  text NOT NULL DEFAULT '',
    ADD COLUMN subject text NOT NULL DEFAULT '';
