-- +goose Up
-- What followed from one deed to many tickets is found by it, to be undone.
CREATE INDEX event_cause ON event (cause) WHERE cause IS NOT NULL;

-- A ticket purged takes the bytes of its mails along; the ledger keeps the row.
ALTER TABLE inbound ALTER raw_blob_id DROP NOT NULL;
