-- +goose Up
-- The next UID of a folder when its server was found to have numbered its mails anew; 0 = it has not, or nobody saw where it began. What has that number or
-- a higher one came later, whatever its date: a mail that somebody moves into the folder keeps its own.
ALTER TABLE inbound_folder ADD COLUMN recounted_uid bigint NOT NULL DEFAULT 0;
