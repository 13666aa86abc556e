-- +goose Up
-- How long a letter can be taken back is chosen with it; nothing ever read this number.
DELETE FROM parameter WHERE name = 'undo_seconds';
