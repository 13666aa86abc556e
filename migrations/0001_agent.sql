-- +goose Up
-- Who works here. Written by package agent.
CREATE TABLE profile (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text UNIQUE,                    -- shipped profiles: agent, manager, admin
    name        text NOT NULL DEFAULT '',       -- '' = shown by its key, in the reader's language
    permissions text[] NOT NULL DEFAULT '{}'
);
INSERT INTO profile (key, permissions) VALUES
    ('agent',   '{ticket.read,ticket.write,customer.write}'),
    ('manager', '{ticket.read,ticket.write,customer.write,queue.all,report.read,view.share,tag.create,ticket.sla,ticket.export,desk.manage}'),
    ('admin',   '{ticket.read,ticket.write,ticket.delete,ticket.sla,ticket.export,tag.create,customer.write,view.share,queue.all,report.read,desk.manage,queue.manage,mailbox.manage,quarantine.manage,agent.manage,system.manage}');

CREATE TABLE agent (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL UNIQUE,         -- lower case
    name          text NOT NULL,
    password_hash text NOT NULL,                -- argon2id, PHC form
    profile_id    bigint NOT NULL REFERENCES profile,
    language      text NOT NULL DEFAULT 'en',   -- en, pl, de
    time_zone     text NOT NULL DEFAULT 'UTC',  -- IANA
    theme         text NOT NULL DEFAULT '',     -- '', light, dark
    density       text NOT NULL DEFAULT '',     -- '', compact, relaxed
    single_keys   boolean NOT NULL DEFAULT true,
    signature     text NOT NULL DEFAULT '',
    active        boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL
);

-- A signed-in browser. The cookie holds a random id; the row holds its SHA-256.
CREATE TABLE session (
    id_hash    bytea PRIMARY KEY,
    agent_id   bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,            -- last request a person made; live refreshes do not count
    address    text NOT NULL DEFAULT '',
    user_agent text NOT NULL DEFAULT ''
);
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_seen ON session (seen_at);

-- Refused sign-ins, for the limit per account and per address.
CREATE TABLE sign_in_failure (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,                          -- 'account:x@y' or 'address:192.0.2.1'
    at  timestamptz NOT NULL
);
CREATE INDEX sign_in_failure_key ON sign_in_failure (key, at);
