-- +goose NO TRANSACTION
-- +goose Up
-- What the hourly flows ask for. Purging a ticket asks every table that refers to it, and the ledger for copies of its mails: without an index each
-- of them is read once for each ticket. Those of ticket_seen and draft also serve a ticket that wakes unread; neither is written again when a mark or a
-- draft is. What an interrupted try has left is of no use.
DROP INDEX CONCURRENTLY IF EXISTS inbound_ticket;
CREATE INDEX CONCURRENTLY inbound_ticket ON inbound (ticket_id) WHERE ticket_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS inbound_dup_of;
CREATE INDEX CONCURRENTLY inbound_dup_of ON inbound (dup_of) WHERE dup_of IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS ticket_merged_into;
CREATE INDEX CONCURRENTLY ticket_merged_into ON ticket (merged_into) WHERE merged_into IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS ticket_seen_ticket;
CREATE INDEX CONCURRENTLY ticket_seen_ticket ON ticket_seen (ticket_id);
DROP INDEX CONCURRENTLY IF EXISTS draft_ticket;
CREATE INDEX CONCURRENTLY draft_ticket ON draft (ticket_id);
-- Bodies by the cleaner that made them: those of an older one stand first.
DROP INDEX CONCURRENTLY IF EXISTS message_body_cleaner;
CREATE INDEX CONCURRENTLY message_body_cleaner ON message_body (cleaner, message_id) WHERE html <> '';
