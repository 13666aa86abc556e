package e2e

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// door is a proxy before a process that can refuse what begins with a path, as one does while the process is started anew.
type door struct {
	*httptest.Server
	shut    atomic.Pointer[string]
	refused atomic.Int32
	says    string
}

func doorTo(t *testing.T, p *process) *door {
	t.Helper()
	to, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, FlushInterval: -1}
	d := &door{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if shut := d.shut.Load(); shut != nil && strings.HasPrefix(r.URL.Path, *shut) {
			d.refused.Add(1)
			w.WriteHeader(http.StatusBadGateway)
			io.WriteString(w, d.says)
			return
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { d.CloseClientConnections(); d.Close() })
	return d
}

// A proxy that has refused the stream, or a refresh, loses nothing: the page catches up by itself, also where the browser has no shared workers, and a
// session that ended while nobody did anything is told.
func TestWhatRangWhileNobodyAnsweredIsShownLater(t *testing.T) {
	journey(t)
	s, p := furnishWith(t, 1)
	db := pgtest.Open(t, s.db, nil)
	named := func(subject string) {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			id, err := pg.One[int64](t.Context(), tx, `UPDATE ticket SET subject = $1 RETURNING id`, subject)
			if err != nil {
				t.Fatal(err)
			}
			event.Ring(tx, event.TicketKey(id))
		})
	}
	for name, workers := range map[string]bool{"with a worker": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			d := doorTo(t, p)
			ada := open(t, d.URL, "ada "+name)
			if !workers {
				ada.send(func(ctx context.Context) error {
					_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.SharedWorker"})
					return err
				})
			}
			for _, part := range []string{"502 (Bad Gateway)", "401 (Unauthorized)", "net::ERR_"} {
				ada.awaits(part)
			}
			ada.signIn("ada@desk.test", password)
			ada.Goto("/tickets?view=queues")
			ada.attend()
			shut := func(path string) { d.refused.Store(0); d.shut.Store(&path) }

			shut("/live")
			d.CloseClientConnections()
			ada.Wait("the page says that it is cut off", `document.documentElement.dataset.stream === "off"`)
			eventually(t, func() bool { return d.refused.Load() > 0 })
			d.shut.Store(nil)
			ada.Wait("the stream stands again", `document.documentElement.dataset.stream === "on"`)
			named("Asked again " + name)
			ada.See(".ticket-row a.subject", "Asked again "+name)

			shut("/tickets")
			named("Answered late " + name)
			eventually(t, func() bool { return d.refused.Load() > 0 })
			d.shut.Store(nil)
			ada.See(".ticket-row a.subject", "Answered late "+name)

			// A deed that a proxy, or the server, could not take is told, and can be done again.
			shut("/tickets/bulk")
			for says, told := range map[string]string{"<!doctype html><h1>Bad Gateway</h1>": "Not changed", `<hx-partial hx-target="#passing" hx-swap="beforeend"><p class="toast" data-passing>Down</p></hx-partial>`: "Down"} {
				d.shut.Store(nil)
				ada.Goto("/tickets?view=queues")
				ada.Click(".ticket-row .pick")
				ada.Click(".selection [data-act=assignee]")
				ada.See("#m-bulk-assignee button", "Unassigned")
				d.says = says
				shut("/tickets/bulk")
				ada.Click("#m-bulk-assignee button", "Unassigned")
				ada.See("#passing .toast", told)
				if n := ada.Count(".ticket-row[aria-selected=true]"); n != 1 || ada.Path() != "/tickets?view=queues" {
					t.Errorf("%s: %d rows are picked on %s", says, n, ada.Path())
				}
			}
			d.shut.Store(nil)

			ada.signOutBeside()
			ada.See("#passing .toast a", "Sign in")
			ada.passes(axe(t), "a list whose session has ended")
		})
	}
}

// Who loses a queue over a begun letter is told so; the words stay, and the rail shows what is left.
func TestALostQueueLeavesTheRailButNotTheWords(t *testing.T) {
	journey(t)
	s, p := furnishWith(t, 1)
	ada := open(t, p.URL, "ada")
	ada.awaits("404 (Not Found)")
	ada.signIn("ada@desk.test", password)
	ada.Click(".ticket-row a.subject")
	ada.See(".card h1")
	ada.Press("r")
	ada.Fill("#reply-text", "Begun before.")
	ada.See("#compose-reply .composer-state", "saved")
	ada.See("#counters .rail-link", "Inbox")
	db := pgtest.Open(t, s.db, nil)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		of, err := pg.One[struct{ Agent, Queue int64 }](t.Context(), tx, `SELECT agent_id AS agent, queue_id AS queue FROM agent_queue JOIN agent ON id = agent_id WHERE email = 'ada@desk.test'`)
		if err == nil {
			err = agent.TakeQueue(t.Context(), tx, 0, of.Agent, of.Queue)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	ada.See("#passing .toast", "no longer here")
	ada.Gone("#counters .rail-link", "Inbox")
	ada.Type(" And after.")
	ada.See("#compose-reply .composer-state[data-bad]", "no longer here")
	ada.passes(axe(t), "a card that is lost")
}
