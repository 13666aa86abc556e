-- +goose Up
-- Who has read what the product says to a newcomer. Whoever works here already has.
ALTER TABLE agent ADD COLUMN welcomed boolean NOT NULL DEFAULT true;
ALTER TABLE agent ALTER COLUMN welcomed SET DEFAULT false;
