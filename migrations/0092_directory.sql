-- +goose Up

-- What a desk calls things is read by every page and changes a few times a week. Every change of it gives this one row another edition, in the same
-- transaction: who kept what was read before asks for the edition alone. An edition never comes back, not even in a restored copy.
CREATE TABLE directory (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    edition uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO directory DEFAULT VALUES;

-- +goose StatementBegin
CREATE FUNCTION directory_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory SET edition = gen_random_uuid();
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON status FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON priority FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON queue FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON calendar FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON category FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON profile FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON agent_queue FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
-- Of these, other columns change all day.
CREATE TRIGGER directory_changes AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, email, profile_id, active ON agent FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
CREATE TRIGGER directory_changes AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, address, sender_name ON mailbox FOR EACH STATEMENT EXECUTE FUNCTION directory_changes();
