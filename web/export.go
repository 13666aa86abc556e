package web

import (
	"context"
	"net/http"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/export"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
)

// createExport answers a list as a file (PRODUCT L10): at once where it is short, else it has the file made in the background. One ticket more than
// is written at once is looked for; nothing is counted.
func (s *Server) createExport(w http.ResponseWriter, r *http.Request) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // the form is here; its time must not end a long answer
	l, err := s.meant(r, f.Get("list"))
	if err != nil {
		return err
	}
	name := l.name(text.From(r.Context()))
	if q := l.Query.String(); q != "" && l.saved == nil {
		name += " · " + q
	}
	ids, err := ticket.Matching(r.Context(), s.db, me(r), l.Filter, export.Direct+1)
	if err != nil {
		return err
	}
	if len(ids) <= export.Direct {
		return s.exportNow(w, r, name, ids)
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error {
		_, err := export.Ask(r.Context(), tx, me(r), export.Export{Name: name, View: string(l.View), Query: l.Query.String(), Order: string(l.Order)})
		return err
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, href.Exports, http.StatusSeeOther)
	return nil
}

// exportNow writes the file to the browser, batch by batch. When it cannot be ended the connection is cut, so that half a file does not look whole.
func (s *Server) exportNow(w http.ResponseWriter, r *http.Request, name string, ids []int64) error {
	rd := s.reader(r)
	out := &sheet{ResponseWriter: w, name: fileName(name, rd.now.In(rd.l.Zone()))}
	_, err := export.Write(r.Context(), s.db, out, rd.l, rd.me.ID, ids, nil)
	if err == nil || !out.begun {
		return err
	}
	if r.Context().Err() == nil {
		s.log.ErrorContext(r.Context(), "an export broke off", "err", err, "request", note(r.Context()).id, "agent", rd.me.ID)
	}
	panic(http.ErrAbortHandler)
}

// sheet is an answer that becomes a download with its first bytes: until then a failure is a page.
type sheet struct {
	http.ResponseWriter
	name  string
	begun bool
}

func (s *sheet) Write(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		asSheet(s.ResponseWriter, s.name)
	}
	return patient{s.ResponseWriter}.Write(b)
}

// asSheet is asDownload for what we have written ourselves.
func asSheet(w http.ResponseWriter, name string) {
	asDownload(w, name)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
}

func fileName(name string, day time.Time) string {
	return name + " " + day.Format(time.DateOnly) + ".csv"
}

// downloadExport hands out a file that was made in the background. Whose rights have shrunk since gets nothing.
func (s *Server) downloadExport(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	e, err := export.File(r.Context(), s.db, me(r), id, s.now())
	if err != nil {
		return err
	}
	src, err := blob.Open(r.Context(), s.db, *e.BlobID)
	if err != nil {
		return err
	}
	asSheet(w, fileName(e.Name, e.FinishedAt.In(text.From(r.Context()).Zone())))
	http.ServeContent(patient{w}, r, "", zeroTime, src)
	return nil
}

// listExports shows what the agent has had exported.
func (s *Server) listExports(w http.ResponseWriter, r *http.Request) error {
	list, err := export.Of(r.Context(), s.db, me(r))
	if err != nil {
		return err
	}
	rd := s.reader(r)
	shell, err := s.frame(r, rd.l.T(text.ExportTitle), href.Exports)
	if err != nil {
		return err
	}
	v := rd.exportsView(list)
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.ExportsFragment(shell, v))
	}
	return s.show(w, r, http.StatusOK, ticketview.ExportsPage(shell, v))
}

// newsFor is how long the end of an export is news on other pages.
const newsFor = 10 * time.Minute

// showExportNews answers the toasts of exports that have ended of late; the browser leaves out those it has shown.
func (s *Server) showExportNews(w http.ResponseWriter, r *http.Request) error {
	list, err := export.Of(r.Context(), s.db, me(r))
	if err != nil {
		return err
	}
	rd := s.reader(r)
	var toasts []layout.Toast
	for _, e := range list {
		if e.FinishedAt != nil && rd.now.Sub(*e.FinishedAt) < newsFor {
			toasts = append(toasts, rd.exportToast(e)...)
		}
	}
	return s.show(w, r, http.StatusOK, layout.ToastFragment(toasts))
}

// cancelExport stops an export, or throws its file away.
func (s *Server) cancelExport(w http.ResponseWriter, r *http.Request) error {
	return s.exportDeed(w, r, export.Cancel)
}

// retryExport has a file made anew.
func (s *Server) retryExport(w http.ResponseWriter, r *http.Request) error {
	return s.exportDeed(w, r, export.Retry)
}

func (s *Server) exportDeed(w http.ResponseWriter, r *http.Request, deed func(context.Context, *pg.Tx, agent.Agent, int64) error) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	if err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return deed(r.Context(), tx, me(r), id) }); err != nil {
		return err
	}
	http.Redirect(w, r, href.Exports, http.StatusSeeOther)
	return nil
}
