-- +goose Up
-- Persons and companies. Written by package customer.
CREATE TABLE customer (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('person','company')),
    name       text NOT NULL,
    company_id bigint REFERENCES customer,
    vip        boolean NOT NULL DEFAULT false,
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE TABLE customer_address (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('email','phone')),
    value       text NOT NULL,                  -- e-mail: lower case, domain in punycode
    description text NOT NULL DEFAULT '',
    UNIQUE (customer_id, kind, value)
);
CREATE INDEX customer_address_value ON customer_address (kind, value);
