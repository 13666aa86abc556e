-- +goose Up
-- What the virus scanner found in a file. Written by package ticket. Files that are here already, and those taken while no scanner is set, are not
-- to be checked. Adding a column with a constant rewrites nothing; the previous version goes on without knowing of it.
ALTER TABLE message_file
    ADD COLUMN found    text DEFAULT '',            -- NULL = to be checked; '' = nothing, or not to be checked; ':too_large', ':failed' = could not be checked; else the name
    ADD COLUMN check_at timestamptz,                -- may be taken for its check from then on; NULL = at once
    ADD COLUMN checks   integer NOT NULL DEFAULT 0; -- how often it was taken

UPDATE profile SET permissions = permissions || '{file.infected}' WHERE key = 'admin';
