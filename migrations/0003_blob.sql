-- +goose Up
-- Bytes by content hash. Written by package blob.
CREATE TABLE blob (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256     bytea NOT NULL UNIQUE,
    size       bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE blob_chunk (
    blob_id bigint NOT NULL REFERENCES blob ON DELETE CASCADE,
    n       integer NOT NULL,                   -- 256 KiB each, from 0
    bytes   bytea NOT NULL,
    PRIMARY KEY (blob_id, n)
);
-- Mail is stored as it came: compressing it again costs more than it saves.
ALTER TABLE blob_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
