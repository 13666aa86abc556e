-- +goose Up
-- Tickets and what was said in them. Written by package ticket.
CREATE TABLE ticket (
    id                bigint GENERATED ALWAYS AS IDENTITY (START WITH 100001) PRIMARY KEY,
    subject           text NOT NULL,
    queue_id          bigint NOT NULL REFERENCES queue,
    status_id         bigint NOT NULL REFERENCES status,
    kind              text NOT NULL,            -- the kind of its status, kept beside it for the indexes
    priority_id       bigint NOT NULL REFERENCES priority,
    assignee_id       bigint REFERENCES agent,
    customer_id       bigint REFERENCES customer,
    requester         text NOT NULL DEFAULT '', -- address of the first sender
    requester_name    text NOT NULL DEFAULT '',
    source            text NOT NULL DEFAULT 'email' CHECK (source IN ('phone','email','sms','chat','www')),
    mailbox_id        bigint REFERENCES mailbox,-- the one it came by
    language          text NOT NULL DEFAULT 'other',
    version           integer NOT NULL DEFAULT 1,
    last_in_id        bigint NOT NULL DEFAULT 0,-- newest message of the customer: newer than an agent's seen mark = unread
    has_files         boolean NOT NULL DEFAULT false,
    next_due          timestamptz,              -- least unmet, running clock
    merged_into       bigint REFERENCES ticket,
    created_at        timestamptz NOT NULL,
    changed_at        timestamptz NOT NULL,
    closed_at         timestamptz,
    deleted_at        timestamptz
);
CREATE INDEX ticket_changed        ON ticket (changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_queue_changed  ON ticket (queue_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_queue_open     ON ticket (queue_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND kind IN ('new','open','waiting');
CREATE INDEX ticket_queue_free     ON ticket (queue_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND kind IN ('new','open','waiting') AND assignee_id IS NULL;
CREATE INDEX ticket_assignee_open  ON ticket (assignee_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND kind IN ('new','open','waiting');
CREATE INDEX ticket_queue_closed   ON ticket (queue_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND kind = 'closed';
CREATE INDEX ticket_due            ON ticket (next_due) WHERE deleted_at IS NULL AND next_due IS NOT NULL;
CREATE INDEX ticket_requester      ON ticket (requester, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ticket_customer       ON ticket (customer_id, changed_at DESC, id DESC) WHERE deleted_at IS NULL AND customer_id IS NOT NULL;

CREATE TABLE ticket_participant (
    ticket_id bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    address   text NOT NULL,                    -- lower case, domain in punycode
    display   text NOT NULL DEFAULT '',         -- the name as it was written
    role      text NOT NULL CHECK (role IN ('requester','cc','added')),
    since     timestamptz NOT NULL,
    PRIMARY KEY (ticket_id, address)
);
CREATE INDEX ticket_participant_address ON ticket_participant (address, ticket_id);

CREATE TABLE ticket_clock (
    ticket_id    bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    goal         text NOT NULL CHECK (goal IN ('reaction','alarm','execution')),
    minutes      integer NOT NULL,
    due_at       timestamptz,                   -- NULL while paused
    paused_at    timestamptz,
    left_minutes integer,                       -- business minutes left when paused; negative = over
    met_at       timestamptz,
    PRIMARY KEY (ticket_id, goal)
);

CREATE TABLE ticket_link (
    ticket_id bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    other_id  bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    reason    text NOT NULL,                    -- reopened_late, unknown_sender, same_mail, by_hand
    at        timestamptz NOT NULL,
    PRIMARY KEY (ticket_id, other_id),          -- stored once, smaller number first
    CHECK (ticket_id < other_id)
);
CREATE INDEX ticket_link_other ON ticket_link (other_id);

-- in = from the customer, out = to the customer, comment = only for us.
CREATE TABLE message (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id     bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('in','out','comment')),
    at            timestamptz NOT NULL,         -- when it entered the ticket
    author_id     bigint REFERENCES agent,
    mailbox_id    bigint REFERENCES mailbox,
    from_address  text NOT NULL DEFAULT '',
    from_name     text NOT NULL DEFAULT '',
    reply_to      text NOT NULL DEFAULT '',     -- where an answer goes when it differs from From
    to_list       text[] NOT NULL DEFAULT '{}', -- 'Name <address>' as written, for reading
    cc_list       text[] NOT NULL DEFAULT '{}',
    subject       text NOT NULL DEFAULT '',
    rfc_id        text,                         -- Message-ID without brackets; NULL for comments
    rfc_refs      text[] NOT NULL DEFAULT '{}', -- References and In-Reply-To, oldest first
    excerpt       text NOT NULL DEFAULT '',     -- one line of at most 200 characters
    language      text NOT NULL DEFAULT 'other',
    automatic     boolean NOT NULL DEFAULT false, -- auto-reply, list or bulk mail
    flags         text[] NOT NULL DEFAULT '{}', -- limited, oversize, forged, our_address, two_from, dmarc_fail, same_id ...
    dated_at      timestamptz,                  -- the Date header
    fetched_at    timestamptz,                  -- INTERNALDATE
    inbound_id    bigint,
    form_key      text,
    cancelled_at  timestamptz                   -- an answer taken back before it left
);
CREATE INDEX message_ticket ON message (ticket_id, id);
CREATE INDEX message_rfc_id ON message (rfc_id) WHERE rfc_id IS NOT NULL;
CREATE UNIQUE INDEX message_form_key ON message (author_id, form_key) WHERE form_key IS NOT NULL;
CREATE INDEX message_inbound ON message (inbound_id) WHERE inbound_id IS NOT NULL;

CREATE TABLE message_body (
    message_id      bigint PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    text            text NOT NULL DEFAULT '',
    html            text NOT NULL DEFAULT '',   -- cleaned; '' = show the text
    quote_at        integer,                    -- byte offset in text where earlier mail starts
    cleaner         integer NOT NULL DEFAULT 0, -- version of the cleaner that made html
    remote_pictures integer NOT NULL DEFAULT 0
);
CREATE TABLE message_file (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES message ON DELETE CASCADE,
    blob_id    bigint NOT NULL REFERENCES blob,
    name       text NOT NULL,
    type       text NOT NULL,                   -- as the sender said; what is served is sniffed anew
    size       bigint NOT NULL,
    content_id text NOT NULL DEFAULT '',
    inline     boolean NOT NULL DEFAULT false,
    position   integer NOT NULL
);
CREATE INDEX message_file_message ON message_file (message_id, position);
CREATE INDEX message_file_blob ON message_file (blob_id);

CREATE TABLE ticket_seen (
    agent_id   bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    ticket_id  bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    message_id bigint NOT NULL,
    PRIMARY KEY (agent_id, ticket_id)
);

CREATE TABLE draft (
    agent_id   bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    ticket_id  bigint NOT NULL REFERENCES ticket ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('reply','comment')),
    fields     jsonb NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, ticket_id, kind)
);
