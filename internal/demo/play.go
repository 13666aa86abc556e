package demo

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
)

// Pace is how fast the customers are.
type Pace struct {
	Write  time.Duration // between two new mails, on average
	Answer time.Duration // until a reply is answered, at least; at most twice that
}

// enough is how many unanswered tickets stop the customers from writing more.
const enough = 40

// play lets customers write until ctx ends: some at once on an empty desk, then one after the other, and an answer to every reply.
func play(ctx context.Context, db *pg.DB, w *world, pace Pace) error {
	seed := time.Now().UnixNano()
	rnd := rand.New(rand.NewPCG(uint64(seed), 1))
	order := rnd.Perm(len(stories))
	next := 0
	write := func() {
		s := stories[order[next%len(order)]]
		next++
		if err := w.deliver(opening(s, rnd)); err != nil {
			slog.Warn("demo: a customer's mail was not delivered", "err", err)
		}
	}
	if n, err := tickets(ctx, db); err == nil && n == 0 {
		for range 6 {
			write()
		}
	}
	tick := time.NewTimer(pace.Write)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case l := <-w.sent:
			go answerLater(ctx, w, l, pace.Answer+rand.N(pace.Answer))
		case <-tick.C:
			if n, err := tickets(ctx, db); err == nil && n < enough {
				write()
			}
			tick.Reset(pace.Write/2 + rand.N(pace.Write))
		}
	}
}

// tickets counts those that wait for a first answer, up to enough.
func tickets(ctx context.Context, db *pg.DB) (int, error) {
	return pg.One[int](ctx, db, `SELECT count(*) FROM (SELECT FROM ticket WHERE kind = 'new' AND deleted_at IS NULL LIMIT $1) t`, enough)
}

// opening is a customer's first mail.
func opening(s story, rnd *rand.Rand) []byte {
	number := fmt.Sprintf("L-%05d", 88000+rnd.IntN(999))
	subject, body := strings.ReplaceAll(s.subject, "#", number), strings.ReplaceAll(s.text, "#", number)
	return compose(customers[s.from], subject, body, nil, s.picture)
}

// answerLater writes the customer's answer to what the desk sent.
func answerLater(ctx context.Context, w *world, l letter, after time.Duration) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(after):
	}
	m := mail.Parse(l.raw)
	for _, to := range l.to {
		i := slices.IndexFunc(customers, func(c customer) bool { return c.email == strings.ToLower(to) })
		if i < 0 {
			continue
		}
		c := customers[i]
		said := c.answers[rand.IntN(len(c.answers))]
		body := said + "\n\n" + c.name + "\n\n" + quoted(c, m)
		if err := w.deliver(compose(c, mail.ReplySubject(m.Subject), body, m, false)); err != nil {
			slog.Warn("demo: a customer's answer was not delivered", "err", err)
		}
	}
}

// quoted is the desk's letter below the answer, as mail programs write it.
func quoted(c customer, m *mail.Message) string {
	line := map[string]string{"en": "On %s, %s wrote:", "pl": "W dniu %s użytkownik %s napisał:", "de": "Am %s schrieb %s:"}[c.language]
	text := strings.TrimSpace(m.Text)
	return fmt.Sprintf(line, m.Date.Format("02.01.2006 15:04"), "Linden & Wald") + "\n> " + strings.ReplaceAll(text, "\n", "\n> ")
}

// compose writes a mail as a customer's program would: text and HTML beside each other, sometimes a picture.
func compose(c customer, subject, body string, answers *mail.Message, picture bool) []byte {
	var b bytes.Buffer
	now := time.Now()
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("Date", now.Format(time.RFC1123Z))
	header("From", mime.QEncoding.Encode("utf-8", c.name)+" <"+c.email+">")
	header("To", supportAddress)
	header("Subject", mime.QEncoding.Encode("utf-8", subject))
	header("Message-ID", fmt.Sprintf("<%d.%d@%s>", now.UnixNano(), rand.Uint32(), c.email[strings.Index(c.email, "@")+1:]))
	if answers != nil {
		header("In-Reply-To", "<"+answers.MessageID+">")
		header("References", "<"+strings.Join(append(slices.Clone(answers.References), answers.MessageID), ">\r\n <")+">")
	}
	header("MIME-Version", "1.0")
	w := multipart.NewWriter(&b)
	header("Content-Type", `multipart/mixed; boundary="`+w.Boundary()+`"`)
	b.WriteString("\r\n")
	inner := &bytes.Buffer{}
	alternative := multipart.NewWriter(inner)
	part(alternative, "text/plain; charset=utf-8", body)
	part(alternative, "text/html; charset=utf-8", `<div style="font-family:Arial,sans-serif">`+mail.TextToHTML(body)+`</div>`)
	alternative.Close()
	p, _ := w.CreatePart(textproto.MIMEHeader{"Content-Type": {`multipart/alternative; boundary="` + alternative.Boundary() + `"`}})
	p.Write(inner.Bytes())
	if picture {
		p, _ := w.CreatePart(textproto.MIMEHeader{"Content-Type": {`image/png; name="photo.png"`}, "Content-Disposition": {`attachment; filename="photo.png"`},
			"Content-Transfer-Encoding": {"base64"}})
		p.Write(photo())
	}
	w.Close()
	return b.Bytes()
}

func part(w *multipart.Writer, kind, s string) {
	p, _ := w.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"quoted-printable"}})
	q := quotedprintable.NewWriter(p)
	q.Write([]byte(strings.ReplaceAll(s, "\n", "\r\n")))
	q.Close()
}
