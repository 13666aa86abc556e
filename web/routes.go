package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"frontdesk/internal/agent"
	"frontdesk/static"
	"frontdesk/templates/href"
)

// routes is every address the product answers, with the permission it asks for; a route without one fails a test. Whether the thing behind a
// number may be seen is decided by the verb, not here.
func (s *Server) routes() []route {
	all := []route{
		get("/healthz", anybody, s.health),
		get("/readyz", anybody, s.ready),
		get(href.SignIn, anybody, s.signInPage),
		post(href.SignIn, anybody, s.createSession).body(small),
		get(href.SetUp, anybody, s.setUpPage),
		post(href.SetUp, anybody, s.createFirstAgent).body(small),

		get(href.Home, anyAgent, s.home),
		post(href.SignOut, anyAgent, s.endSession).body(small),
		post(href.Settings, anyAgent, s.changeSettings).body(small),
		get(href.Columns, may(agent.TicketRead), s.showColumns),
		post(href.Columns, may(agent.TicketRead), s.chooseColumns).body(small),
		get(href.Live, may(agent.TicketRead), s.live).streaming(),
		get(href.Counters, may(agent.TicketRead), s.showCounters),
		get(href.Palette, may(agent.TicketRead), s.findForPalette),

		get(href.TicketList, may(agent.TicketRead), s.listTickets).revalidated(),
		get(href.FilterPicker, may(agent.TicketRead), s.showPicker).revalidated(),
		get(href.Exports, may(agent.TicketExport), s.listExports).revalidated(),
		post(href.Exports, may(agent.TicketExport), s.createExport).body(small).streaming(),
		get(href.ExportNews, may(agent.TicketExport), s.showExportNews),
		get("/exports/{id}/file", may(agent.TicketExport), s.downloadExport).streaming(),
		post("/exports/{id}/cancellation", may(agent.TicketExport), s.cancelExport).body(small),
		post("/exports/{id}/retry", may(agent.TicketExport), s.retryExport).body(small),
		post(href.Views, may(agent.TicketRead), s.saveView).body(small),
		post("/views/{view}", may(agent.TicketRead), s.changeView).body(small),
		post("/views/{view}/removal", may(agent.TicketRead), s.removeView).body(small),
		post(href.Next, may(agent.TicketWrite), s.handleNext).body(small),
		get(href.Next, may(agent.TicketRead), s.showNothingNext),
		get("/tickets/{ticket}", may(agent.TicketRead), s.showTicket),
		get("/tickets/{ticket}/next", may(agent.TicketRead), s.showNext),
		get("/tickets/{ticket}/previous", may(agent.TicketRead), s.showPrevious),
		post("/tickets/{ticket}/replies", may(agent.TicketWrite), s.withFiles(href.ComposeReply, s.createReply)).files(),
		post("/tickets/{ticket}/comments", may(agent.TicketWrite), s.withFiles(href.ComposeComment, s.createComment)).files(),
		post("/tickets/{ticket}/changes", may(agent.TicketWrite), s.changeTicket).body(small),
		get(href.Bulk, may(agent.TicketWrite), s.showBulk),
		post(href.Bulk, may(agent.TicketRead), s.doBulk).body(small),
		post("/bulk/{id}/undoing", may(agent.TicketRead), s.undoBulk).body(small),
		get(href.Tags, may(agent.TicketRead), s.offerTags),
		post("/tickets/{ticket}/star", may(agent.TicketRead), s.starTicket).body(small),
		post("/tickets/{ticket}/observation", may(agent.TicketRead), s.observeTicket).body(small),
		post("/tickets/{ticket}/postponement", may(agent.TicketWrite), s.postponeTicket).body(small),
		post("/tickets/{ticket}/waking", may(agent.TicketWrite), s.wakeTicket).body(small),
		post("/tickets/{ticket}/deletion", may(agent.TicketDelete), s.deleteTicket).body(small),
		post("/tickets/{ticket}/restoration", may(agent.TicketDelete), s.restoreTicket).body(small),
		post("/tickets/{ticket}/seen", may(agent.TicketRead), s.markSeen).body(small),
		post("/tickets/{ticket}/drafts/{kind}", may(agent.TicketWrite), s.saveDraft),
		post("/tickets/{ticket}/drafts/{kind}/removal", may(agent.TicketWrite), s.dropDraft).body(small),

		post("/tickets/{ticket}/drafts/{kind}/files", may(agent.TicketWrite), s.withFiles("", s.attachFile)).files(),
		get("/tickets/{ticket}/drafts/{kind}/files/{id}", may(agent.TicketWrite), s.downloadDraftFile).streaming(),
		post("/tickets/{ticket}/drafts/{kind}/files/{id}/removal", may(agent.TicketWrite), s.detachFile).body(small),

		get("/messages/{message}", may(agent.TicketRead), s.showMessage),
		get("/messages/{message}/body", may(agent.TicketRead), s.showBody),
		get("/messages/{message}/source", may(agent.TicketRead), s.downloadSource).streaming(),
		post("/messages/{message}/source", may(agent.FileInfected), s.downloadSource).body(small).streaming(),
		post("/messages/{message}/fetch", may(agent.TicketWrite), s.fetchWhole).body(small),
		get("/messages/{message}/parts/{cid}", may(agent.TicketRead), s.showPart).streaming(),
		get("/attachments/{id}/{name}", may(agent.TicketRead), s.downloadFile).streaming(),
		post("/attachments/{id}/{name}", may(agent.FileInfected), s.downloadFile).body(small).streaming(),

		post("/outbox/{id}/cancellation", may(agent.TicketWrite), s.cancelLetter).body(small),
		post("/outbox/{id}/departure", may(agent.TicketWrite), s.sendLetterNow).body(small),
		post("/outbox/{id}/retry", may(agent.TicketWrite), s.retryLetter).body(small),
		post("/outbox/{id}/settlement", may(agent.TicketWrite), s.settleLetter).body(small),
		get(href.Undelivered, may(agent.TicketRead), s.listUndelivered).revalidated(),
		get("/inbound/{id}/source", may(agent.TicketRead), s.downloadReport).streaming(),
		post("/inbound/{id}/settlement", may(agent.TicketWrite), s.settleReport).body(small),

		get(href.Quarantine, may(agent.QuarantineManage), s.showQuarantine),
		get("/admin/quarantine/{id}", may(agent.QuarantineManage), s.showQuarantine),
		get("/admin/quarantine/{id}/source", may(agent.QuarantineManage), s.downloadQuarantined).streaming(),
		post(href.QuarantineAll, may(agent.QuarantineManage), s.retryQuarantine).body(small),
		post("/admin/quarantine/missed/{mailbox}", may(agent.QuarantineManage), s.takeMissed).body(small),
		post("/admin/quarantine/{id}/retry", may(agent.QuarantineManage), s.retryQuarantined).body(small),
		post("/admin/quarantine/{id}/plain", may(agent.QuarantineManage), s.takeQuarantinedPlain).body(small),
		post("/admin/quarantine/{id}/discard", may(agent.QuarantineManage), s.discardQuarantined).body(small),

		get(href.Reconcile, may(agent.QuarantineManage), s.showReconcile),
		post("/admin/reconcile/{mailbox}/acknowledgement", may(agent.QuarantineManage), s.acknowledgeNumbers).body(small),
	}
	if s.gallery {
		all = append(all, get(href.Gallery, anybody, s.showGallery), get(href.Gallery+"/{page}", anybody, s.showGallery))
	}
	return all
}

// access says who may use a route.
type access string

const (
	anybody  access = "anybody"   // also who is not signed in
	anyAgent access = "any agent" // whoever is signed in
)

// may asks for a permission.
func may(p agent.Permission) access { return access(p) }

// route is one line of the table. The zero options are the strict ones: never stored by browsers, 4 MiB of form.
type route struct {
	method string
	path   string
	who    access
	do     handler
	most   int64 // bytes of the body
	cache  string

	streams bool // answers as long as somebody reads
	takes   bool // files too
}

// handler answers, or returns what hinders it.
type handler func(w http.ResponseWriter, r *http.Request) error

const (
	small  = 64 << 10
	medium = 4 << 20

	noStore    = "no-store"
	revalidate = "private, no-cache"
)

func get(path string, who access, do handler) route {
	return route{method: http.MethodGet, path: path, who: who, do: do, cache: noStore}
}

func post(path string, who access, do handler) route {
	return route{method: http.MethodPost, path: path, who: who, do: do, most: medium, cache: noStore}
}

// body sets the most bytes a form may have.
func (r route) body(most int64) route { r.most = most; return r }

// files lets a form bring files; without any it has the limits of other forms.
func (r route) files() route { r.takes = true; return r }

// revalidated lets a browser keep the answer but ask each time: for lists, so that "back" is quick.
func (r route) revalidated() route { r.cache = revalidate; return r }

// streaming is for answers that may take long: what is read chunk by chunk, and what never ends.
func (r route) streaming() route { r.streams = true; return r }

// router puts the table behind what every request goes through.
func (s *Server) router() *chi.Mux {
	mux := chi.NewRouter()
	mux.Use(s.logged, timed, s.headers, s.inLanguage, s.recovered, s.onlyWhatPagesAskFor, s.sameSite().Handler)
	mux.NotFound(s.do(func(http.ResponseWriter, *http.Request) error { return errNoRoute }))
	mux.MethodNotAllowed(s.do(func(http.ResponseWriter, *http.Request) error { return errMethod }))
	mux.Handle(href.StaticRoot+"*", static.Handler())
	for _, r := range s.routes() {
		h := s.limited(r, s.inLine(s.allowed(r, s.do(r.do))))
		mux.Method(r.method, r.path, h)
		if r.method == http.MethodGet {
			mux.Method(http.MethodHead, r.path, h)
		}
	}
	return mux
}
