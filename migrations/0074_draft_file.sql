-- +goose Up
-- Files that wait in a composer. Written by package ticket; they go with their draft, and the bytes a day later.
CREATE TABLE draft_file (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id   bigint NOT NULL,
    ticket_id  bigint NOT NULL,
    kind       text NOT NULL,
    blob_id    bigint NOT NULL REFERENCES blob,
    name       text NOT NULL,
    type       text NOT NULL,
    size       bigint NOT NULL,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (agent_id, ticket_id, kind) REFERENCES draft ON DELETE CASCADE
);
CREATE INDEX draft_file_draft ON draft_file (agent_id, ticket_id, kind, id);
CREATE INDEX draft_file_blob ON draft_file (blob_id);
