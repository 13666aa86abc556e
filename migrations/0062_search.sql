-- +goose Up
-- What is searched. Written by package search. Both extensions come with Postgres and are trusted: the database's owner may create them.
-- +goose StatementBegin
DO $$ BEGIN
    IF (SELECT count(*) FROM pg_available_extensions WHERE name IN ('unaccent', 'pg_trgm')) < 2 THEN
        RAISE EXCEPTION 'Frontdesk searches with unaccent and pg_trgm, which this PostgreSQL was installed without: install its contrib package (postgresql-contrib), then start again';
    END IF;
END $$;
-- +goose StatementEnd
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Words as they are, and the words of a language by their stems. Signs have been taken out before (package search), so there are only words and
-- numbers to sort.
CREATE TEXT SEARCH CONFIGURATION search_word (COPY = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION search_en (PARSER = pg_catalog."default");
CREATE TEXT SEARCH CONFIGURATION search_de (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION search_word ALTER MAPPING FOR word, asciiword, numword WITH unaccent, simple;
ALTER TEXT SEARCH CONFIGURATION search_en ADD MAPPING FOR word, asciiword WITH unaccent, english_stem;
ALTER TEXT SEARCH CONFIGURATION search_de ADD MAPPING FOR word, asciiword WITH unaccent, german_stem;

-- search_plain takes accents and case away.
CREATE FUNCTION search_plain(raw text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
    AS $$ SELECT lower(unaccent('unaccent', normalize(raw, NFC))) $$;

-- search_words is every word as it is, and those of an English or German text by their stems too.
CREATE FUNCTION search_words(lang text, words text) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE lang
        WHEN 'en' THEN to_tsvector('search_word', words) || to_tsvector('search_en', words)
        WHEN 'de' THEN to_tsvector('search_word', words) || to_tsvector('search_de', words)
        ELSE to_tsvector('search_word', words) END
$$;

-- search_vector is the document of a message: subject A, people B, what was written C, the rest (quotes, names of files) D. It also names the
-- two ages of the desk the message stands in: search looks at the newest age first, and at what is older only when that was not enough, so a
-- common word costs no more than a rare one. package search knows the same ages.
CREATE FUNCTION search_vector(message bigint, lang text, subject text, people text, body text, rest text) RETURNS tsvector
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT setweight(search_words(lang, subject), 'A') || setweight(to_tsvector('search_word', people), 'B')
        || setweight(search_words(lang, body), 'C') || setweight(to_tsvector('search_word', rest), 'D')
        || array_to_tsvector(ARRAY['~' || (message >> 12), '~~' || (message >> 16)])
$$;

CREATE TABLE search_document (
    message_id bigint PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    ticket_id  bigint NOT NULL,
    words      tsvector NOT NULL
);
ALTER TABLE search_document ALTER words SET STORAGE EXTERNAL; -- a big one stands beside the table, so that the table itself stays small
CREATE INDEX search_document_ticket ON search_document (ticket_id);
-- New documents wait in a list until it is worth while to sort them in; it is read with every search, so it stays short.
CREATE INDEX search_document_words ON search_document USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 1024);

-- What may be searched by pieces of words: subject, name and address of who wrote first, as search_plain makes them.
CREATE TABLE search_heading (
    ticket_id bigint PRIMARY KEY REFERENCES ticket ON DELETE CASCADE,
    heading   text NOT NULL
);
CREATE INDEX search_heading_pieces ON search_heading USING gin (heading gin_trgm_ops) WITH (fastupdate = on, gin_pending_list_limit = 1024);

CREATE INDEX customer_name_pieces ON customer USING gin (search_plain(name) gin_trgm_ops);
CREATE INDEX customer_address_pieces ON customer_address USING gin (lower(value) gin_trgm_ops) WHERE kind = 'email';
CREATE INDEX customer_phone_pieces ON customer_address USING gin (regexp_replace(value, '[^0-9]', '', 'g') gin_trgm_ops) WHERE kind = 'phone';
