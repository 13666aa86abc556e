-- +goose Up
-- The ledger of every mail handed to us. Written by package inbound.
CREATE TABLE inbound_folder (
    mailbox_id   bigint NOT NULL REFERENCES mailbox,
    folder       text NOT NULL,
    epoch        bigint NOT NULL DEFAULT 1,     -- raised when a server reuses a key for another mail
    uidvalidity  bigint NOT NULL,
    first_uid    bigint NOT NULL DEFAULT 1,     -- with take = new: what lay there before the first connection
    connected_at timestamptz NOT NULL,
    PRIMARY KEY (mailbox_id, folder)
);
CREATE TABLE inbound (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id   bigint NOT NULL REFERENCES mailbox,
    folder       text NOT NULL,
    epoch        bigint NOT NULL,
    uidvalidity  bigint NOT NULL,
    uid          bigint NOT NULL,
    size         bigint NOT NULL,               -- RFC822.SIZE
    internaldate timestamptz NOT NULL,
    stored_at    timestamptz NOT NULL,
    raw_blob_id  bigint NOT NULL REFERENCES blob,
    content_fp   bytea NOT NULL,
    rfc_id       text NOT NULL DEFAULT '',
    rfc_refs     text[] NOT NULL DEFAULT '{}',
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','ticket','reply','bounce','ignored','duplicate','quarantined','removed')),
    reason       text NOT NULL DEFAULT '',      -- a word of a closed list: why ignored, quarantined, removed
    flags        text[] NOT NULL DEFAULT '{}',  -- oversize, limited, forged, same_id
    attempts     integer NOT NULL DEFAULT 0,
    error        text NOT NULL DEFAULT '',
    try_at       timestamptz NOT NULL,          -- not before; also the end of a claim
    dup_of       bigint REFERENCES inbound,
    ticket_id    bigint REFERENCES ticket,
    message_id   bigint,
    settled_at   timestamptz,
    settled_by   bigint REFERENCES agent,
    UNIQUE (mailbox_id, folder, epoch, uidvalidity, uid)
);
-- One content enters a mailbox once. A removed row does not stand in the way of a new copy.
CREATE UNIQUE INDEX inbound_content ON inbound (mailbox_id, content_fp) WHERE dup_of IS NULL AND state <> 'removed';
CREATE INDEX inbound_pending ON inbound (id) WHERE state = 'pending';
CREATE INDEX inbound_pending_rfc ON inbound (rfc_id) WHERE state = 'pending';
CREATE INDEX inbound_state ON inbound (mailbox_id, state);
CREATE INDEX inbound_quarantine ON inbound (id DESC) WHERE state = 'quarantined';
CREATE INDEX inbound_raw ON inbound (raw_blob_id);
