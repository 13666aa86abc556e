-- +goose Up
-- Keys that signed Message-IDs before the secret key was rotated: answers to those letters are still ours. Written by package mailbox.
CREATE TABLE retired_id_key (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secret     bytea NOT NULL,          -- the key, sealed with the present one
    retired_at timestamptz NOT NULL
);
