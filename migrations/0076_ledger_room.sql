-- +goose Up

-- A mail is claimed soon after it was stored: room on the page keeps the claim out of the indexes.
ALTER TABLE inbound SET (fillfactor = 60);
