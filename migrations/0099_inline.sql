-- +goose Up
-- A file that no HTML shows was hidden when its sender called it inline: an invoice that Apple Mail sends, a document within multipart/related.
UPDATE message_file f SET inline = false
FROM message m LEFT JOIN message_body b ON b.message_id = m.id
WHERE m.id = f.message_id AND m.kind = 'in' AND f.inline
    AND (f.content_id = '' OR f.type NOT IN ('image/png', 'image/jpeg', 'image/jpg', 'image/pjpeg', 'image/gif', 'image/webp')
        OR strpos(lower(COALESCE(b.html, '')), 'cid:' || lower(f.content_id)) = 0);
UPDATE ticket t SET has_files = true
WHERE NOT has_files AND EXISTS (SELECT FROM message_file f JOIN message m ON m.id = f.message_id WHERE m.ticket_id = t.id AND NOT f.inline);
