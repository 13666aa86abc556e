-- +goose Up
-- How an agent looks at lists: the columns in their order ('{}' = the usual ones; names are those of package agent, others are passed over),
-- and whether a ticket is shown beside the list.
ALTER TABLE agent
    ADD list_columns text[] NOT NULL DEFAULT '{}',
    ADD list_layout  text NOT NULL DEFAULT '';  -- '', split
