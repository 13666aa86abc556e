package ticket

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// Comment is a note for ourselves as the form brings it.
type Comment struct {
	Text    string // may be empty where there are files
	Base    int64  // newest message that the form showed; 0 when it does not say
	Files   []int64
	Dropped []int64
	Change  Change
	FormKey string
}

// CreateComment writes a comment with the changes of the same form as one save (PRODUCT C4). No customer ever sees it.
func CreateComment(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, p Comment) (Written, error) {
	r, done, err := begin(ctx, tx, by, id, form{DraftComment, p.FormKey, p.Text, p.Files, nil})
	if done.MessageID != 0 || err != nil {
		return done, err
	}
	files, err := pick(ctx, tx, by, id, DraftComment, p.Files, p.Dropped)
	if err != nil {
		return Written{}, err
	}
	body, err := sensibleText(p.Text)
	if err != nil && (len(files.files) == 0 || strings.TrimSpace(p.Text) != "") {
		return Written{}, err
	}
	changes, err := change(ctx, tx, by, &r, p.Change)
	if err != nil {
		return Written{}, err
	}
	w := Written{TicketID: id}
	args := named("ticket", id, "now", tx.Now, "me", by.ID, "subject", r.Subject, "excerpt", cmp.Or(mail.Excerpt(body, 200), mail.Excerpt(strings.Join(files.names(), ", "), 200)), "language", mail.Language(body),
		"form", p.FormKey, "text", body)
	search.Document{Language: args["language"].(string), Subject: r.Subject, CustomerID: r.CustomerID, Body: body, Rest: files.names()}.Into(args)
	w.MessageID, err = pg.One[int64](ctx, tx, `
		WITH ids AS (
			INSERT INTO message (ticket_id, kind, at, author_id, subject, excerpt, language, form_key)
			VALUES (@ticket, 'comment', @now, @me, @subject, @excerpt, @language, NULLIF(@form, ''))`+onceEach+` RETURNING id AS message, ticket_id AS ticket),
		new_document AS (`+search.Add+`)
		INSERT INTO message_body (message_id, text) SELECT message, @text FROM ids RETURNING message_id`, args)
	if err != nil {
		return Written{}, fmt.Errorf("write the comment: %w", elsewhere(err))
	}
	return w, saved(ctx, tx, by, &r, w, event.Commented, cmp.Or(p.Base, r.LastInID), changes, files)
}
