-- +goose Up
-- A star and an observer know the queue of their ticket, so that an agent's are counted without reading the tickets (PERFORMANCE, counters): NULL
-- while the ticket is deleted. Whatever changes or marks a ticket, the triggers keep it so.
ALTER TABLE ticket_star     ADD queue_id bigint;
ALTER TABLE ticket_observer ADD queue_id bigint;

-- +goose StatementBegin
CREATE FUNCTION ticket_mark_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The lock lets no change of the queue pass unseen on its way.
    SELECT CASE WHEN deleted_at IS NULL THEN queue_id END INTO NEW.queue_id FROM ticket WHERE id = NEW.ticket_id FOR SHARE;
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION ticket_marks_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands bigint := CASE WHEN NEW.deleted_at IS NULL THEN NEW.queue_id END;
BEGIN
    UPDATE ticket_star SET queue_id = stands WHERE ticket_id = NEW.id;
    UPDATE ticket_observer SET queue_id = stands WHERE ticket_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ticket_star_begins     BEFORE INSERT ON ticket_star     FOR EACH ROW EXECUTE FUNCTION ticket_mark_begins();
CREATE TRIGGER ticket_observer_begins BEFORE INSERT ON ticket_observer FOR EACH ROW EXECUTE FUNCTION ticket_mark_begins();
CREATE TRIGGER ticket_marks_follow AFTER UPDATE OF queue_id, deleted_at ON ticket FOR EACH ROW
    WHEN (OLD.queue_id <> NEW.queue_id OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION ticket_marks_follow();

UPDATE ticket_star     m SET queue_id = t.queue_id FROM ticket t WHERE t.id = m.ticket_id AND t.deleted_at IS NULL;
UPDATE ticket_observer m SET queue_id = t.queue_id FROM ticket t WHERE t.id = m.ticket_id AND t.deleted_at IS NULL;
CREATE INDEX ticket_star_queue     ON ticket_star (agent_id, queue_id);
CREATE INDEX ticket_observer_queue ON ticket_observer (agent_id, queue_id);
