// Package gallery holds every component in every state, and every page with made-up content: for the eye (the demo shows them under /gallery,
// and templates/gallery/serve without a desk), for the pictures that tests compare (make gallery), and for the tests that every page stands by
// the house rules.
package gallery

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"frontdesk/internal/text"
	"frontdesk/templates/adminview"
	"frontdesk/templates/authview"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// Page is one state of one page.
type Page struct {
	Name string
	Show func(theme string, l *text.Local) templ.Component
}

// Pages are all of them.
func Pages() []Page {
	return []Page{
		{"list", func(theme string, l *text.Local) templ.Component {
			return ticketview.ListPage(shell(theme, l, l.T(text.ViewQueues)), list(l))
		}},
		{"list-phone", func(theme string, l *text.Local) templ.Component {
			return ticketview.ListPage(onPhone(shell(theme, l, l.T(text.ViewTodo)), l), phoneList(l))
		}},
		{"split", func(theme string, l *text.Local) templ.Component {
			v, c := list(l), card(l, "")
			c.Seen = ticketview.Seen{} // nothing answers here
			c.Talk.Items = slices.DeleteFunc(slices.Clone(c.Talk.Items), func(it ticketview.Item) bool { return it.Event != nil && it.Event.Body.Frame != "" })
			v.Split, v.Preview = true, &c
			return ticketview.ListPage(shell(theme, l, l.T(text.ViewQueues)), v)
		}},
		{"list-empty", func(theme string, l *text.Local) templ.Component {
			v := list(l)
			v.Rows, v.Welcome = nil, &ticketview.Welcome{}
			v.Empty = ui.Empty{Icon: "coffee", Title: l.T(text.ListEmptyMine), Text: l.N(text.ListEmptyMineText, 23), Action: l.T(text.ListEmptyMineGo), Href: "/tickets?view=unassigned"}
			return ticketview.ListPage(shell(theme, l, l.T(text.ViewMine)), v)
		}},
		{"list-problem", func(theme string, l *text.Local) templ.Component {
			v := list(l)
			v.Filter.Typed, v.Filter.Problems = `colour:red "broken glass"`, []string{l.T(text.FilterUnknown, "name", "colour:")}
			return ticketview.ListPage(shell(theme, l, l.T(text.ViewQueues)), v)
		}},
		{"card", func(theme string, l *text.Local) templ.Component {
			return ticketview.CardPage(cardShell(theme, l), card(l, ""))
		}},
		{"card-phone", func(theme string, l *text.Local) templ.Component {
			return ticketview.CardPage(onPhone(cardShell(theme, l), l), phoneCard(l))
		}},
		{"card-reply", func(theme string, l *text.Local) templ.Component {
			return ticketview.CardPage(cardShell(theme, l), card(l, "reply"))
		}},
		{"card-comment", func(theme string, l *text.Local) templ.Component {
			return ticketview.CardPage(cardShell(theme, l), card(l, "comment"))
		}},
		{"card-error", func(theme string, l *text.Local) templ.Component {
			return ticketview.CardPage(cardShell(theme, l), refused(card(l, "reply"), l))
		}},
		{"card-conflict", func(theme string, l *text.Local) templ.Component {
			return ticketview.CardPage(cardShell(theme, l), overtaken(card(l, "reply"), l))
		}},
		{"card-undo", func(theme string, l *text.Local) templ.Component {
			s := cardShell(theme, l)
			s.Undo = []layout.Undo{{ID: "77", Title: l.T(text.LetterLeaves, "time", "10:47:12"), Text: l.T(text.LetterReplyTo, "name", "Agnieszka"), Cancel: "/outbox/77/cancellation", Seconds: 30, Left: 28}}
			return ticketview.CardPage(s, queued(card(l, ""), l))
		}},
		{"message", func(theme string, l *text.Local) templ.Component {
			return ticketview.MessagePage(cardShell(theme, l), message(l))
		}},
		{"message-held", func(theme string, l *text.Local) templ.Component {
			m := message(l)
			m.Failure, m.Held, m.Source = nil, heldFiles(l), ""
			return ticketview.MessagePage(cardShell(theme, l), m)
		}},
		{"held", func(theme string, l *text.Local) templ.Component {
			return ticketview.HeldPage(cardShell(theme, l), ticketview.Held{Icon: "shield-alert", Title: "faktura.exe", Text: l.T(text.HeldFoundText, "name", "faktura.exe", "found", "Win.Test.EICAR_HDB-1"),
				Action: "/attachments/7/faktura.exe", Back: "/tickets/104817#m8841"})
		}},
		{"undelivered", func(theme string, l *text.Local) templ.Component {
			return ticketview.UndeliveredPage(shell(theme, l, l.T(text.ViewUndelivered)), undelivered(l))
		}},
		{"exports", func(theme string, l *text.Local) templ.Component {
			return ticketview.ExportsPage(shell(theme, l, l.T(text.ExportTitle)), exports(l))
		}},
		{"quarantine", func(theme string, l *text.Local) templ.Component {
			return adminview.QuarantinePage(shell(theme, l, l.T(text.ViewQuarantine)), quarantine(l))
		}},
		{"reconcile", func(theme string, l *text.Local) templ.Component {
			return adminview.ReconcilePage(shell(theme, l, l.T(text.ViewReconcile)), reconciled(l))
		}},
		{"signin", func(string, *text.Local) templ.Component {
			return authview.SignInPage(authview.SignIn{Desk: "Linden & Wald", Lang: "en", Version: "0.1"})
		}},
		{"signin-wrong", func(_ string, l *text.Local) templ.Component {
			return authview.SignInPage(authview.SignIn{Lang: l.Lang, Email: ui.Field{Value: "emma.clarke@lindenwald.example"}, Error: l.T(text.AuthWrong), Version: "0.1"})
		}},
		{"setup", func(_ string, l *text.Local) templ.Component {
			return authview.SetUpPage(authview.SetUp{Lang: l.Lang, Version: "0.1", Name: ui.Field{Value: "Emma Clarke"}, Email: ui.Field{Value: "emma", Error: l.T(text.AgentEmailWrong)}})
		}},
		{"not-found", func(theme string, l *text.Local) templ.Component {
			return layout.ProblemPage(shell(theme, l, l.T(text.ErrorNotFound)), layout.Problem{Code: 404, Icon: "search-x", Title: l.T(text.ErrorNotFound), Text: l.T(text.ErrorNotFoundText), Action: l.T(text.ErrorBack), Href: "/tickets"})
		}},
		{"away", func(_ string, l *text.Local) templ.Component {
			return layout.ProblemAlone(layout.Problem{Code: 503, Icon: "unplug", Title: l.T(text.ErrorAway), Text: l.T(text.ErrorAwayText), Request: "8f2c-41", Action: l.T(text.ErrorBack), Href: "/tickets"})
		}},
	}
}

// now is the moment all of it happens.
var now = time.Date(2026, 11, 20, 10, 46, 42, 0, time.UTC)

func at(l *text.Local, day, hour, minute int) ui.When {
	return l.Moment(time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC), now)
}

func shell(theme string, l *text.Local, title string) layout.Shell {
	return layout.Shell{
		Title: title, Desk: "Linden & Wald", Fresh: 9,
		Views: []layout.Link{
			{Icon: "user", Name: l.T(text.ViewMine), Href: "/tickets?view=mine", Count: "14", New: true},
			{Icon: "inbox", Name: l.T(text.ViewQueues), Href: "/tickets?view=queues", Count: "87", Current: true},
			{Icon: "user-x", Name: l.T(text.ViewUnassigned), Href: "/tickets?view=unassigned", Count: "23", New: true},
			{Icon: "layers", Name: l.T(text.ViewAll), Href: "/tickets?view=all", Count: "1,000+"},
			{Icon: "mail-warning", Name: l.T(text.ViewUndelivered), Href: "/undelivered", Count: "2", Late: true},
			{Icon: "check-check", Name: l.T(text.ViewClosed), Href: "/tickets?view=closed"},
		},
		Desks: []layout.Link{{Icon: "shield-alert", Name: l.T(text.ViewQuarantine), Href: "/admin/quarantine", Count: "4"}},
		Me:    layout.Me{Name: "Emma Clarke", Email: "emma.clarke@lindenwald.example", Avatar: emma, Language: l.Lang, Theme: theme, Keys: true, Here: "/tickets"},
	}
}

func cardShell(theme string, l *text.Local) layout.Shell {
	s := shell(theme, l, "Lamp arrived with a cracked glass shade, second time now")
	s.Rail = layout.Folded
	return s
}

var (
	emma    = ui.Avatar{Initials: "EC", Hue: "3"}
	piotr   = ui.Avatar{Initials: "PM", Hue: "6"}
	lampBuy = ui.Avatar{Initials: "AW", Kind: "customer"}
)
