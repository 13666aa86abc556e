-- +goose NO TRANSACTION
-- +goose Up
-- The files that wait for their check, in their order; it is empty nearly always.
CREATE INDEX CONCURRENTLY IF NOT EXISTS message_file_unchecked ON message_file (id) WHERE found IS NULL;
