-- +goose Up
-- Letters waiting, on their way, sent. Written by package outbox.
CREATE TABLE outbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id       bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    message_id      bigint NOT NULL UNIQUE REFERENCES message ON DELETE CASCADE,
    mailbox_id      bigint NOT NULL REFERENCES mailbox,
    agent_id        bigint REFERENCES agent,    -- NULL: sent by the system
    inbound_id      bigint REFERENCES inbound,  -- an automatic reply answers this mail
    kind            text NOT NULL DEFAULT 'reply' CHECK (kind IN ('reply','auto_reply','forward')),
    rfc_id          text NOT NULL UNIQUE,
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued','leased','dot','sent','failed','uncertain','cancelled')),
    send_after      timestamptz NOT NULL,
    unless_answered boolean NOT NULL DEFAULT false, -- cancelled when the customer writes first
    raw_blob_id     bigint REFERENCES blob,     -- made once at the first attempt, never again
    lease           uuid,
    lease_until     timestamptz,
    attempts        integer NOT NULL DEFAULT 0,
    first_try_at    timestamptz,
    settled_at      timestamptz,
    code            integer NOT NULL DEFAULT 0, -- last reply of the server
    text            text NOT NULL DEFAULT '',
    twice           boolean NOT NULL DEFAULT false, -- a second copy may exist; shown
    trouble         boolean NOT NULL DEFAULT false, -- stands under Undelivered until retried or settled by a person
    sent_copy       text NOT NULL DEFAULT 'none' CHECK (sent_copy IN ('none','pending','done','failed')),
    copy_after      timestamptz,
    copy_attempts   integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    UNIQUE (inbound_id, kind)
);
CREATE INDEX outbox_due ON outbox (send_after, id) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state IN ('leased','dot');
CREATE INDEX outbox_copy ON outbox (copy_after) WHERE sent_copy = 'pending';
CREATE INDEX outbox_trouble ON outbox (id DESC) WHERE trouble;
CREATE INDEX outbox_ticket ON outbox (ticket_id, id);
CREATE INDEX outbox_raw ON outbox (raw_blob_id) WHERE raw_blob_id IS NOT NULL;

CREATE TABLE outbox_recipient (
    outbox_id bigint NOT NULL REFERENCES outbox ON DELETE CASCADE,
    address   text NOT NULL,
    display   text NOT NULL DEFAULT '',
    kind      text NOT NULL CHECK (kind IN ('to','cc')),
    position  integer NOT NULL,
    state     text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','accepted','refused','deferred')),
    code      integer NOT NULL DEFAULT 0,
    text      text NOT NULL DEFAULT '',
    at        timestamptz,
    bounced   text NOT NULL DEFAULT '',         -- SMTP status of a later delivery report, e.g. 5.1.1
    PRIMARY KEY (outbox_id, address)
);

-- Delivery reports. Without outbox_id: listed under Undelivered until settled.
CREATE TABLE bounce (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inbound_id bigint NOT NULL UNIQUE REFERENCES inbound,
    outbox_id  bigint REFERENCES outbox ON DELETE CASCADE,
    rfc_id     text NOT NULL DEFAULT '',        -- of the letter it reports on
    recipients jsonb NOT NULL DEFAULT '[]',     -- [{address, status, diagnostic}]
    at         timestamptz NOT NULL,
    settled_at timestamptz
);
CREATE INDEX bounce_open ON bounce (id DESC) WHERE outbox_id IS NULL AND settled_at IS NULL;
CREATE INDEX bounce_outbox ON bounce (outbox_id) WHERE outbox_id IS NOT NULL;
