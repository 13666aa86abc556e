-- +goose Up
-- E-mail accounts. Written by package mailbox.
CREATE TABLE mailbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    address       text NOT NULL UNIQUE,         -- lower case, domain in punycode
    sender_name   text NOT NULL DEFAULT '',
    imap_host     text NOT NULL,
    imap_port     integer NOT NULL,
    imap_tls      text NOT NULL CHECK (imap_tls IN ('implicit','starttls')),
    imap_user     text NOT NULL,
    folders       text[] NOT NULL DEFAULT '{INBOX}',
    smtp_host     text NOT NULL,
    smtp_port     integer NOT NULL,
    smtp_tls      text NOT NULL CHECK (smtp_tls IN ('implicit','starttls')),
    smtp_user     text NOT NULL,
    secret        bytea NOT NULL,               -- the password, sealed
    ca_pem        text NOT NULL DEFAULT '',
    tls_insecure  boolean NOT NULL DEFAULT false,
    trust_private boolean NOT NULL DEFAULT false, -- added on the command line by the operator: private hosts allowed
    poll_seconds  integer NOT NULL DEFAULT 30 CHECK (poll_seconds >= 5),
    take          text NOT NULL DEFAULT 'all' CHECK (take IN ('all','new')),
    sent_mode     text NOT NULL DEFAULT 'none' CHECK (sent_mode IN ('none','append','provider')),
    sent_folder   text NOT NULL DEFAULT '',
    resend        boolean NOT NULL DEFAULT false, -- after an unknown outcome send once more instead of holding for a person
    auth_host     text NOT NULL DEFAULT '',     -- whose Authentication-Results are believed
    queue_id      bigint NOT NULL REFERENCES queue, -- the ending rule: where its new tickets go
    active        boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL,
    -- health
    last_success  timestamptz,
    last_error    text NOT NULL DEFAULT '',
    last_error_at timestamptz,
    failures      integer NOT NULL DEFAULT 0,   -- in a row
    retry_at      timestamptz                   -- back-off: not before
);
ALTER TABLE queue ADD CONSTRAINT queue_mailbox FOREIGN KEY (mailbox_id) REFERENCES mailbox;
