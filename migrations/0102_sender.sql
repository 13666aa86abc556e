-- +goose NO TRANSACTION
-- +goose Up
-- Senders are found by a part of their name whatever its accents, as customers are. What an interrupted try has left is of no use.
DROP INDEX CONCURRENTLY IF EXISTS ticket_requester_pieces;
CREATE INDEX CONCURRENTLY ticket_requester_pieces ON ticket_participant USING gin (address gin_trgm_ops, search_plain(display) gin_trgm_ops) WHERE role = 'requester';
DROP INDEX CONCURRENTLY IF EXISTS ticket_requester_parts;
