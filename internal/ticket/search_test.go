package ticket_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
	"frontdesk/internal/ticket"
)

// look searches all that an agent may see.
func look(d *fixture.Desk, by agent.Agent, words string) ticket.Page {
	d.Helper()
	p, err := ticket.List(d.Context(), d.DB, by, ticket.Filter{View: ticket.All, Query: filter.Query{Text: words}})
	if err != nil {
		d.Fatalf("search for %q: %v", words, err)
	}
	return p
}

func TestAMailIsFoundFromTheCommitThatStoresIt(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.OpenIn(d.Inbox, d.Mail(ann, "Leaking samovar", "It drips on the parquet."))
	more := d.Write(l.TicketID, ann, "Now the kettle steams too.")
	err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
		if _, err := ticket.AddIncoming(t.Context(), tx, l.TicketID, d.Mail(ann, "Re: Leaking samovar", "The parrot drinks."), ticket.Place{QueueID: d.Inbox}); err != nil {
			return err
		}
		_, err := ticket.Open(t.Context(), tx, d.Mail(ann, "Parrot", "It bites."), ticket.Place{QueueID: 1 << 40}) // no such queue
		return err
	})
	if err == nil {
		t.Error("a ticket was opened in no queue")
	}
	for words, message := range map[string]int64{"parquet": l.MessageID, "kettle": more.MessageID, "samovar drips": l.MessageID, "parrot": 0} {
		p, err := ticket.List(t.Context(), d.DB, d.Agent, ticket.Filter{View: ticket.All, Query: filter.Query{Text: words}})
		if found := len(p.Lines); err != nil || message == 0 && found > 0 || message != 0 && (found != 1 || p.Lines[0].Hit.MessageID != message) {
			t.Errorf("%q finds %d tickets, %v", words, found, err)
		}
	}
}

func TestASearchFindsAllThatIsKnownOfATicket(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	m := d.Mail("zofia.nowak@browar-lwow.example", "Butelki z pęknięciem", "Proszę o wymianę łódki AX-4711/b.\n\nAm Montag schrieb Jan:\n> ursprünglicher Zapfhahn\n")
	m.Language, m.From.Name = "pl", "Zofia Nowak-Żuk"
	at := strings.Index(m.Text, "Am Montag")
	m.QuoteAt = &at
	m.Cc = []mail.Address{{Name: "Éloïse Béranger", Address: "eloise@cuvee.example"}}
	m.Files = []ticket.IncomingFile{{BlobID: aBlob(d), Name: "umowa_najmu-2026.pdf", Type: "application/pdf", Size: 3}}
	id := d.OpenIn(d.Inbox, m).TicketID
	customer := aCustomer(d, "Wytwórnia Wódek Śnieżka", "+48 600-712-933", id)
	d.Open("other@else.example", "Something else", "nothing of that kind")
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.CreateComment(t.Context(), tx, d.Agent, id, ticket.Comment{Text: "Der Lieferant heißt Größenwahn und liefert Holzkisten."})
		return err
	})
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.CreateReply(t.Context(), tx, d.Agent, id, ticket.Reply{To: "zofia.nowak@browar-lwow.example", Text: "We have shipped replacements by courier.", Base: 1 << 40, IDKey: fixture.Key})
		return err
	})
	for _, words := range []string{
		"pęknięciem", "peknieciem", "PEKNIECIEM", "butelek", "butelka", "butelką pęknięcia", // subject
		"łódki", "lodki", "wymiana", `"wymianę łódki"`, // body, with and without accents
		"AX-4711/b", "4711", "ax-4711", `"AX 4711"`, // signs within
		"zofia.nowak@browar-lwow.example", "browar-lwow.example", "owar-lw", "Zuk", "nowak żuk", // who wrote
		"Beranger", "cuvee.example", // copies
		"umowa_najmu-2026.pdf", "najmu", // files
		"Zapfhahn", "ursprunglicher", // what the first mail quotes
		"Größenwahn", "groessen", "groessenwahn", "grossenwahn", "Holzkiste", // a comment
		"replacement couriers", "shipped", // an answer
		"Sniezka", "Wytwórnia wodek", "ytworni", // the customer
		"600712933", "+48 600-712", "712 933", "0600 712 933", "0048 600 712", // the telephone number
		fmt.Sprint(id), // the number
		"lod*", "wymian*", "pęknięciem -refund",
	} {
		p := look(d, d.Agent, words)
		if len(p.Lines) != 1 || p.Lines[0].ID != id || p.Near {
			t.Errorf("%s finds %v, want the ticket %d", words, ids(p), id)
		}
	}
	for _, words := range []string{"zażalenie", "butelka -łódki", `"łódki wymianę"`, "-butelki xyzzy", "peknieciem refund", "peknieciem xq"} {
		if p := look(d, d.Agent, words); len(p.Lines) != 0 && !p.Near {
			t.Errorf("%s finds %v, want nothing that fits", words, ids(p))
		}
	}
	_ = customer
}

func TestAWordIsFoundBesideTheNameOfItsCustomerWhateverItsSigns(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for _, name := range []string{"Müller-Lüdenscheid", "Booking.com", "Bahn AG/DB", "Le\u0301on_Nano", `[Back\slash]` + "`^tick"} {
		var id int64
		d.Tx(func(tx *pg.Tx) error {
			customer, err := pg.One[int64](t.Context(), tx, `INSERT INTO customer (kind, name, created_at) VALUES ('company', $1, now()) RETURNING id`, name)
			if err != nil {
				return err
			}
			l, err := ticket.Open(t.Context(), tx, d.Mail(ann, "Hello", "My xylophone."), ticket.Place{QueueID: d.Inbox, CustomerID: &customer})
			id = l.TicketID
			return err
		})
		ask := func(when string) {
			for _, word := range append(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-./_[]\\`^ ", r) }), name) {
				if p := look(d, d.Agent, word+" xylophone"); !slices.Equal(ids(p), []int64{id}) || p.Near {
					t.Errorf("%s, %s xylophone finds %v, want the ticket of %s", when, word, ids(p), name)
				}
			}
		}
		ask("opened")
		d.Tx(func(tx *pg.Tx) error { return search.Renew(t.Context(), tx, id) })
		ask("written anew")
	}
}

func TestWhatAHyphenBindsIsFoundInEveryFormAndWrittenInOne(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for _, c := range []struct{ language, said, finds, not string }{
		{"en", "I bought two T-Shirts", "t-shirt|T-Shirts|tshirt|tshirts|shirt|\"t-shirts\"", "\"t-shirt\"|t-shop"},
		{"en", "I want a t-shirt", "t-shirts|tshirts|T‑Shirt", "\"t-shirts\""},
		{"en", "please send an e-mail", "email|e-mails|emails", "gmail"},
		{"en", "please send an email", "e-mail|E-Mails", "e-bike"},
		{"en", "the customers order", "customer's|customer’s", "custom-made"},
		{"de", "Die Bestell-Nummern fehlen", "Bestell-Nummer|Bestellnummer|bestellnummern|nummer", "Bestell-Liste"},
		{"de", "Die Bestellnummer fehlt", "Bestell-Nummer|bestell-nummern", "Bestell-Zeichen"},
		{"de", "Der WLAN-Router", "WLAN-Routers|wlanrouter|wlan router", "LAN-Routers"},
		{"pl", "Przesyłka e-mailem, faktura AX-4711", "ax4711|AX-4711|ax 4711", "AX-471|x4711"},
		{"en", "order 2024-11-7", "2024-11-7|2024/11-7", "2024117"},
		{"en", "it is --well-known--", "wellknown|well-known", "iswell"},
	} {
		m := d.Mail("x@y.example", "Hello", c.said)
		m.Language = c.language
		id := d.OpenIn(d.Inbox, m).TicketID
		for _, words := range strings.Split(c.finds, "|") {
			p := look(d, d.Agent, words)
			if !slices.Equal(ids(p), []int64{id}) || p.Near {
				t.Errorf("%s does not find %s", words, c.said)
			} else if !strings.Contains(marked(p.Lines[0].Hit.Snippet), "[") {
				t.Errorf("%s does not show where it stands in %s", words, c.said)
			}
		}
		for _, words := range strings.Split(c.not, "|") {
			if p := look(d, d.Agent, words); len(p.Lines) > 0 && !p.Near {
				t.Errorf("%s finds %s", words, c.said)
			}
		}
		d.Tx(func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Admin, id) })
	}
}

func TestAnAnswerBetweenTheLinesOfFoldedMailIsFound(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.OpenIn(d.Inbox, d.Mail(ann, "Samovar", "It drips."))
	m := d.Mail(ann, "Re: Samovar", "See below.\n\n-----Original Message-----\nFrom: Support\nSubject: Samovar\n\nWhich colour? Turquoise!\n> an older velocipede\n")
	at := strings.Index(m.Text, "-----")
	m.QuoteAt = &at
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.AddIncoming(t.Context(), tx, l.TicketID, m, ticket.Place{QueueID: d.Inbox})
		return err
	})
	ask := func(when string) {
		if p := look(d, d.Agent, "turquoise"); len(p.Lines) != 1 || p.Lines[0].ID != l.TicketID {
			t.Errorf("%s the answer finds %d tickets", when, len(p.Lines))
		}
		if p := look(d, d.Agent, "velocipede"); len(p.Lines) != 0 {
			t.Errorf("%s what is marked as a quote is found", when)
		}
	}
	ask("written,")
	d.Tx(func(tx *pg.Tx) error { return search.Renew(t.Context(), tx, l.TicketID) })
	ask("written anew,")
}

func aBlob(d *fixture.Desk) (id int64) {
	d.Tx(func(tx *pg.Tx) (err error) {
		id, err = pg.One[int64](d.Context(), tx, `INSERT INTO blob (sha256, size, created_at) VALUES (decode(repeat('ab', 32), 'hex'), 3, now()) RETURNING id`)
		return err
	})
	return id
}

func aCustomer(d *fixture.Desk, name, phone string, ticketID int64) (id int64) {
	d.Tx(func(tx *pg.Tx) (err error) {
		if id, err = pg.One[int64](d.Context(), tx, `INSERT INTO customer (kind, name, created_at) VALUES ('company', $1, now()) RETURNING id`, name); err != nil {
			return err
		}
		if _, err = pg.Exec(d.Context(), tx, `INSERT INTO customer_address (customer_id, kind, value) VALUES ($1, 'phone', $2)`, id, phone); err != nil {
			return err
		}
		_, err = pg.Exec(d.Context(), tx, `UPDATE ticket SET customer_id = $1 WHERE id = $2`, id, ticketID)
		return err
	})
	return id
}

func TestASearchShowsWhyAndWhere(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Wobbly <table>", "Hello,\n\nthe <b>Ärmel</b> of the chair\tis torn.\x01 "+strings.Repeat("Nothing of interest here. ", 40)+"And the armchair squeaks when sat upon.")
	second := d.Write(l.TicketID, ann, "The castors squeak as well.")
	if got := look(d, d.Agent, "castors").Lines[0].Hit; got.MessageID != second.MessageID || got.Kind != "in" || got.Author == "" || marked(got.Snippet) != "The [castors] squeak as well." {
		t.Errorf("castors: %+v, %s", got, marked(got.Snippet))
	}
	if got := look(d, d.Agent, "armel tables").Lines[0].Hit; marked(got.Subject) != "Wobbly <[table]>" || !strings.Contains(marked(got.Snippet), "the <b>[Ärmel]</b> of the chair is torn") {
		t.Errorf("armel tables: %s, %s", marked(got.Subject), marked(got.Snippet))
	}
	if got := marked(look(d, d.Agent, "armchairs").Lines[0].Hit.Snippet); !strings.HasPrefix(got, "… ") || !strings.Contains(got, "And the [armchair] squeaks") {
		t.Errorf("a word far down is shown as %s", got)
	}
	if p := look(d, d.Agent, `"squeak castors"`); len(p.Lines) != 1 || !p.Near || marked(p.Lines[0].Hit.Snippet) != "The [castors] [squeak] as well." {
		t.Errorf("a phrase whose words stand elsewhere finds %+v, and %t that it only comes close", p.Lines, p.Near)
	}
	if p := look(d, d.Agent, `"castors squeak"`); len(p.Lines) != 1 || p.Near {
		t.Errorf("a phrase finds %+v, and %t that it only comes close", p.Lines, p.Near)
	}
}

func TestMessagesAreReadOnlyForThePageThatShowsThem(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	var ids []int64
	for range 4 {
		ids = append(ids, d.Open(ann, "Chair", "The castors squeak.").TicketID)
	}
	f := ticket.Filter{View: ticket.All, Query: filter.Query{Text: "castors"}}
	seen := &tap{Reader: d.DB, part: "message_body"}
	all, err := ticket.Matching(t.Context(), seen, d.Agent, f, 3)
	slices.Reverse(ids)
	if err != nil || !slices.Equal(all, ids[:3]) {
		t.Errorf("three of those that match are %v, want of %v; %v", all, ids, err)
	}
	f.Most = 3
	p, err := ticket.List(t.Context(), seen, d.Agent, f)
	if err != nil || len(p.Lines) != 3 || p.Lines[0].ID != ids[0] || !p.Older {
		t.Errorf("the first three are %v, %v", p.Lines, err)
	}
	if len(seen.seen) > 0 {
		t.Errorf("messages are read for their numbers: %s", seen.seen[0].SQL)
	}
	f.Most = 0
	if p, err := ticket.List(t.Context(), seen, d.Agent, f); err != nil || len(p.Lines) != 4 || len(seen.seen) != 1 {
		t.Errorf("a page shows %v, messages were read %d times, %v", p.Lines, len(seen.seen), err)
	}
}

func marked(list []search.Part) string {
	var b strings.Builder
	for _, p := range list {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestASearchNeverShowsForeignTickets(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	inInbox := d.Open(ann, "Accordion", "bellows torn").TicketID
	inReturns := d.OpenIn(d.Returns, d.Mail(ann, "Accordion", "bellows worn")).TicketID
	both := []int64{inInbox, inReturns}
	profile := func(permissions ...agent.Permission) agent.Agent {
		a := d.Agent
		a.Permissions = permissions
		return a
	}
	for _, c := range []struct {
		who    string
		by     agent.Agent
		queues []int64
		want   []int64
	}{
		{"agent of the inbox", d.Agent, []int64{d.Inbox}, both[:1]}, {"agent of returns", d.Stranger, []int64{d.Returns}, both[1:]},
		{"agent of both", d.Agent, []int64{d.Inbox, d.Returns}, both}, {"agent of none", d.Agent, nil, nil},
		{"administrator of none", d.Admin, nil, both},
		{"who may read", profile(agent.TicketRead), []int64{d.Returns}, both[1:]}, {"who may see every queue", profile(agent.TicketRead, agent.QueueAll), nil, both},
		{"who may not read", profile(agent.TicketWrite, agent.QueueAll), []int64{d.Inbox}, nil},
	} {
		c.by.Queues = c.queues
		for _, words := range []string{"bellows", "accordion", "accord", "ccordio", "acordion", ann, fmt.Sprint(inInbox), fmt.Sprint(inReturns), "bellows -foo", "-foo"} {
			want := c.want
			for _, id := range both {
				if words == fmt.Sprint(id) {
					want = slices.DeleteFunc(slices.Clone(c.want), func(other int64) bool { return other != id })
				}
			}
			got := ids(look(d, c.by, words))
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s searches for %s and finds %v, want %v", c.who, words, got, want)
			}
		}
	}
}

func TestASearchThatLookedAtAllIsWhole(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	want := several(d, ticket.PageSize+5)
	id := d.Open(ann, "Accordion", "x").TicketID
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `INSERT INTO customer_address (customer_id, kind, value) VALUES ($1, 'email', 'questions@firm.example')`, aCustomer(d, "Firm", "", id))
		return err
	})
	q, _ := filter.Parse("question")
	f := ticket.Filter{View: ticket.All, Query: q, Pages: 2}
	got := ids(list(d, f))
	slices.Sort(got)
	if want = append(want, id); !slices.Equal(got, want) {
		t.Errorf("%d tickets are found, want the %d with the word in them and the one of the customer who is written to so", len(got), len(want))
	}
}

func TestOfOneCustomerAllTicketsAreFound(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	want := several(d, 25)
	customer := aCustomer(d, "Firm", "+48 600-712-933", want[0])
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE ticket SET customer_id = $1`, customer)
		return err
	})
	got := ids(look(d, d.Agent, "600712933"))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d tickets are found by a telephone number, want %d", len(got), len(want))
	}
}

func TestAPieceOfAWordIsFoundWhateverStandsInOtherQueues(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Rechnungsnummer", "x").TicketID
	d.Open(ann, "Printer", "x")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `WITH foreign_ticket AS (
				INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, requester, created_at, changed_at)
				SELECT 'Kundennummer', $2, status_id, kind, priority_id, requester, created_at, changed_at FROM ticket, generate_series(1, 300) WHERE id = $1 RETURNING id, subject)
			INSERT INTO search_heading (ticket_id, heading) SELECT id, lower(subject) FROM foreign_ticket`, id, d.Returns)
		return err
	})
	if p := look(d, d.Agent, "nummer"); !slices.Equal(ids(p), []int64{id}) || p.Near {
		t.Errorf("found %v, want %d", ids(p), id)
	}
	closed, _ := filter.Parse("is:closed nummer")
	if p := list(d, ticket.Filter{View: ticket.All, Query: closed}); len(p.Lines) != 0 {
		t.Errorf("of closed ones %v are found", ids(p))
	}
}

func TestDeletedTicketsAndLettersTakenBackAreNotFound(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Bagpipes", "drone reed").TicketID
	gone := d.Open(ann, "Hurdy-gurdy", "crank handle").TicketID
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE ticket SET deleted_at = now() WHERE id = $1`, gone)
		return err
	})
	for _, words := range []string{"gurdy", "crank", "urdy", fmt.Sprint(gone), "hurdi-gurdi"} {
		if got := ids(look(d, d.Admin, words)); slices.Contains(got, gone) {
			t.Errorf("%s finds the deleted ticket", words)
		}
	}
	d.Tx(func(tx *pg.Tx) error {
		w, err := ticket.CreateReply(t.Context(), tx, d.Agent, id, ticket.Reply{To: ann, Text: "We apologise for the embarrassing chanter.", Base: 1 << 40, Delay: 30e9, IDKey: fixture.Key})
		if err != nil {
			return err
		}
		_, err = ticket.CancelReply(t.Context(), tx, d.Agent, w.OutboxID)
		return err
	})
	if got := ids(look(d, d.Agent, "chanter")); len(got) != 0 {
		t.Errorf("a letter taken back is found: %v", got)
	}
}

func TestASearchFollowsTheSubject(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Help", "It broke.").TicketID
	if err := update(d, d.Agent, id, ticket.Change{Subject: ticket.To("Cracked windscreen")}); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"windscreens", "indscree", "windscreen broke", "help"} {
		if got := ids(look(d, d.Agent, words)); !slices.Equal(got, []int64{id}) {
			t.Errorf("%s finds %v", words, got)
		}
	}
}

func TestMessagesOfOldAreFilledIn(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Zither strings", "Two snapped while tuning.")
	want := documents(d)
	d.Tx(func(tx *pg.Tx) error {
		if _, err := pg.Exec(t.Context(), tx, `DELETE FROM search_heading`); err != nil {
			return err
		}
		_, err := pg.Exec(t.Context(), tx, `DELETE FROM search_document`)
		return err
	})
	if got := ids(look(d, d.Agent, "zither")); len(got) != 0 {
		t.Fatalf("found without words: %v", got)
	}
	missing, next, err := search.Missing(t.Context(), d.DB, 0)
	if err != nil || !slices.Equal(missing, []int64{l.MessageID}) || next != 0 {
		t.Fatalf("missing %v, then %d, %v", missing, next, err)
	}
	d.Tx(func(tx *pg.Tx) error { return search.Fill(t.Context(), tx, missing) })
	if got := documents(d); got != want {
		t.Errorf("filled in later a document is\n%s\nwant\n%s", got, want)
	}
	if missing, _, err := search.Missing(t.Context(), d.DB, 0); err != nil || len(missing) != 0 {
		t.Errorf("still missing %v, %v", missing, err)
	}
}

func documents(d *fixture.Desk) string {
	s, err := pg.One[string](d.Context(), d.DB, `SELECT (SELECT string_agg(words::text, ' ' ORDER BY message_id) FROM search_document) || (SELECT string_agg(heading, ' ') FROM search_heading)`)
	if err != nil {
		d.Fatal(err)
	}
	return s
}

func TestNoTextBreaksASearch(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Quotes ' and \" and \\ and %", "100% of x_y 'tis & | ! ( ) <-> :* ~1 ~~0 żółć")
	long := strings.Repeat("a", 10_000)
	for _, words := range []string{`"`, `""`, `'`, `\`, `'; DROP TABLE ticket; --`, `& | ! ( ) <->`, `a:*`, `:*`, `*`, `-`, `--`, `-"`, `-*`, "a\x00b", "\xff\xfe", long, strings.Repeat("a ", 5_000),
		strings.Repeat(`"a b" `, 1_700), strings.Repeat("-x ", 3_000), strings.Repeat("ü", 5_000), `"` + strings.Repeat("a b ", 2_000), "%", "_", "%%%%", "x_y", "100%", `\%`, "~1", "~~0", "'~1'", "the", "der die das",
		"i w z", "\u202e\u0000\u200b", "日本語", "🙂", "-the", "a*", "ab*", "abc*", `"abc*`, `"quotes and"*`, "99999999999999999999", "0", "-5", "1e5", "\ufeff", "e\u0301", "ſ", "İ"} {
		for _, view := range []ticket.View{ticket.All, ticket.Mine} {
			for _, after := range []string{"", "50", "-1", "x", "199", "9999999"} {
				_, err := ticket.List(t.Context(), d.DB, d.Agent, ticket.Filter{View: view, Query: filter.Query{Text: words}, After: after})
				if err != nil {
					t.Errorf("%.60q after %s: %v", words, after, err)
				}
			}
		}
	}
	if got := look(d, d.Agent, "~1"); len(got.Lines) > 1 {
		t.Error("the ages of documents can be searched for")
	}
}
