package ticket_test

import (
	"testing"

	"frontdesk/internal/fixture"
	"frontdesk/internal/mail"
	"frontdesk/internal/ticket"
)

func TestBodyTellsItsLanguageAndWhereEarlierMailStarts(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	text := "Danke.\n\nAm 3. Mai 2025 schrieb Support:\n> Bitte neu starten.\n"
	m := d.Mail(ann, "Drucker", text)
	at := mail.QuoteAt(text)
	m.Language, m.QuoteAt = "de", &at
	for _, c := range []struct {
		landed   ticket.Landed
		quoteAt  int
		language string
	}{{d.OpenIn(d.Inbox, m), at, "de"}, {d.Open(ann, "Printer", "It prints nothing."), 0, "en"}} {
		b, err := ticket.ReadBody(t.Context(), d.DB, d.Agent, c.landed.MessageID)
		if err != nil || b.QuoteAt != c.quoteAt || b.Language != c.language {
			t.Errorf("%+v, %v, want %d and %s", b, err, c.quoteAt, c.language)
		}
	}
}
