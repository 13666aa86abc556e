-- +goose Up
-- Whose claim it is: rows of a process that is gone are given back at once, not when the claim runs out.
ALTER TABLE inbound
    ADD COLUMN claimed_by bigint NOT NULL DEFAULT 0,
    -- what the header seemed to say, kept for the quarantine page
    ADD COLUMN seems_from    text NOT NULL DEFAULT '',
    ADD COLUMN seems_subject text NOT NULL DEFAULT '';
-- The same Message-ID with other bytes is flagged; the order rule looks for pending ones. One index serves both.
CREATE INDEX inbound_rfc ON inbound (rfc_id) WHERE rfc_id <> '';
DROP INDEX inbound_pending_rfc;

-- first_uid 0 = not known any more: older mail is told by its date.
ALTER TABLE inbound_folder
    ADD COLUMN changed_at   timestamptz,                -- when the server last renumbered; shown until somebody looked
    ADD COLUMN change       text NOT NULL DEFAULT '',   -- uidvalidity, reused
    ADD COLUMN missed       integer NOT NULL DEFAULT 0, -- read by somebody before we saw it: on the server, not in the ledger
    ADD COLUMN missed_at    timestamptz;

-- A mail that comes before the one it answers leaves its first reference here; the other finds it.
CREATE INDEX message_rfc_root ON message ((rfc_refs[1])) WHERE rfc_refs[1] IS NOT NULL;
