-- +goose Up
-- The furniture. Written by package desk. A name of '' is shown by the key, in the reader's language.
CREATE TABLE parameter (
    name  text PRIMARY KEY,
    value jsonb NOT NULL
);
INSERT INTO parameter (name, value) VALUES
    ('desk_name',            '"Frontdesk"'),
    ('undo_seconds',         '30'),
    ('reopen_days',          '14'),
    ('subject_tag_threads',  'true'),
    ('create_customers',     'false'),
    ('max_message_bytes',    '41943040');

-- hours: seven lists of [from,to] in minutes of the day, Monday first. special: {"2026-12-25": []} replaces that day's hours.
CREATE TABLE calendar (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key       text UNIQUE,
    name      text NOT NULL DEFAULT '',
    time_zone text NOT NULL DEFAULT 'Europe/Warsaw',
    hours     jsonb NOT NULL,
    special   jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO calendar (key, hours) VALUES
    ('office', '[[[480,1080]],[[480,1080]],[[480,1080]],[[480,1080]],[[480,1080]],[],[]]');

-- The three times are business minutes from opening; NULL = no such goal. level 1 is the most pressing.
CREATE TABLE priority (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key               text UNIQUE,
    name              text NOT NULL DEFAULT '',
    level             smallint NOT NULL CHECK (level BETWEEN 1 AND 4),
    reaction_minutes  integer CHECK (reaction_minutes > 0),
    alarm_minutes     integer CHECK (alarm_minutes > 0),
    execution_minutes integer CHECK (execution_minutes > 0),
    position          integer NOT NULL DEFAULT 0,
    CHECK (alarm_minutes IS NULL OR execution_minutes IS NULL OR alarm_minutes < execution_minutes)
);
INSERT INTO priority (key, level, reaction_minutes, alarm_minutes, execution_minutes, position) VALUES
    ('high',   2,  60,  360,  480, 1),
    ('normal', 3, 240, 1200, 1440, 2),
    ('low',    4, 480, 2400, 3000, 3);

-- A row with a parent is a sub-status: its word replaces the parent's, the kind stays.
CREATE TABLE status (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text UNIQUE,
    name        text NOT NULL DEFAULT '',
    kind        text NOT NULL CHECK (kind IN ('new','open','waiting','postponed','merged','closed')),
    parent_id   bigint REFERENCES status,
    stops_clock boolean NOT NULL DEFAULT false,
    position    integer NOT NULL DEFAULT 0
);
INSERT INTO status (key, kind, stops_clock, position) VALUES
    ('new', 'new', false, 1), ('open', 'open', false, 2), ('waiting', 'waiting', true, 3),
    ('postponed', 'postponed', true, 4), ('merged', 'merged', false, 5), ('closed', 'closed', false, 6);

CREATE TABLE queue (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key                 text UNIQUE,
    name                text NOT NULL DEFAULT '',
    calendar_id         bigint NOT NULL REFERENCES calendar,
    default_priority_id bigint NOT NULL REFERENCES priority,
    mailbox_id          bigint,                 -- "send replies via"; the foreign key follows with the mailbox table
    active              boolean NOT NULL DEFAULT true,
    position            integer NOT NULL DEFAULT 0
);
INSERT INTO queue (key, calendar_id, default_priority_id, position)
    SELECT 'inbox', c.id, p.id, 1 FROM calendar c, priority p WHERE c.key = 'office' AND p.key = 'normal';

-- Which queues an agent works in, and how much each of them presses (smaller = first). Written by package agent.
CREATE TABLE agent_queue (
    agent_id bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    queue_id bigint NOT NULL REFERENCES queue ON DELETE CASCADE,
    priority smallint NOT NULL DEFAULT 1,
    PRIMARY KEY (agent_id, queue_id)
);
CREATE INDEX agent_queue_queue ON agent_queue (queue_id);
