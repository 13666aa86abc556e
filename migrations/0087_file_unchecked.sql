-- +goose NO TRANSACTION
-- +goose Up
-- The files that wait for their check, in their order; it is empty nearly always. What an interrupted try has left is of no use.
DROP INDEX CONCURRENTLY IF EXISTS message_file_unchecked;
CREATE INDEX CONCURRENTLY message_file_unchecked ON message_file (id) WHERE found IS NULL;
