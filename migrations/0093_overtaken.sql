-- +goose Up
-- A letter under way cannot be taken back. This is why it shall not leave when it comes back from there, '' when nothing speaks against it.
ALTER TABLE outbox ADD COLUMN overtaken text NOT NULL DEFAULT '' CHECK (overtaken IN ('','deleted','customer_wrote'));

-- Whom the server put off before the dot is known from now on; for a letter already in doubt it is not.
UPDATE outbox_recipient r SET state = 'pending' FROM outbox WHERE outbox.id = r.outbox_id AND outbox.state IN ('dot','uncertain') AND r.state = 'deferred';
