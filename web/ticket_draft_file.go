package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// attachFile takes files into the agent's draft while they write: a script sends one at a time and gets its line of the form; in words what was
// wrong with it, with 422.
func (s *Server) attachFile(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "ticket")
	if err != nil {
		return err
	}
	kind, err := param(r, "kind")
	if err != nil {
		return err
	}
	if err := ticket.MayAttach(r.Context(), s.db, me(r), id, kind); err != nil {
		return err
	}
	kept, bad, err := s.keepFiles(r, id, kind)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	if len(bad) > 0 || len(kept) == 0 {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(sentences(rd.l, bad))) // the reader has gone; nothing is left to do
		return nil
	}
	return s.show(w, r, http.StatusOK, ticketview.DraftFileItem(rd.draftFile(id, kept[0])))
}

// detachFile takes a file out of the agent's draft.
func (s *Server) detachFile(w http.ResponseWriter, r *http.Request) error {
	id, kind, file, err := draftFilePath(r)
	if err != nil {
		return err
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error { return ticket.DropDraftFile(r.Context(), tx, me(r), id, kind, file) })
	if err != nil {
		return err
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, href.Compose(id, kind), http.StatusSeeOther)
	return nil
}

// downloadDraftFile hands a file of a draft to who attached it.
func (s *Server) downloadDraftFile(w http.ResponseWriter, r *http.Request) error {
	id, kind, file, err := draftFilePath(r)
	if err != nil {
		return err
	}
	f, err := ticket.DraftFileOf(r.Context(), s.db, me(r), id, kind, file)
	if err != nil {
		return err
	}
	return s.download(w, r, f.BlobID, f.Name)
}

func draftFilePath(r *http.Request) (id int64, kind string, file int64, err error) {
	if id, err = number(r, "ticket"); err != nil {
		return
	}
	if kind, err = param(r, "kind"); err != nil {
		return
	}
	file, err = number(r, "id")
	return
}

// keepFiles puts what came with a form into the draft, each file by itself: one that cannot be taken holds up no other.
func (s *Server) keepFiles(r *http.Request, id int64, kind string) (kept []ticket.DraftFile, bad fault.Invalid, err error) {
	got := receivedWith(r)
	bad = maps.Clone(got.bad)
	for _, u := range got.files {
		var f ticket.DraftFile
		err := s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
			f, err = ticket.AddDraftFile(r.Context(), tx, me(r), id, kind, u)
			return err
		})
		var refused fault.Invalid
		switch {
		case errors.As(err, &refused):
			maps.Copy(bad, refused)
		case err != nil:
			return kept, nil, err
		default:
			kept = append(kept, f)
		}
	}
	return kept, bad, nil
}

// composed reads the form of a composer. Files that came with it are in the draft from now on and named by the form, whatever becomes of the rest;
// bad says which could not be taken.
func (s *Server) composed(r *http.Request, kind string) (id int64, f url.Values, bad fault.Invalid, err error) {
	if id, f, err = ticketForm(r); err != nil {
		return 0, nil, nil, err
	}
	if len(f.Get("form_key")) > longestFormKey {
		return 0, nil, nil, errForm
	}
	kept, bad, err := s.keepFiles(r, id, kind)
	for _, file := range kept {
		f.Add("file", dec(file.ID))
	}
	return id, f, bad, err
}

// filesOf are the files a form sends, and those it showed and leaves out; no draft has more of either than a message may.
func filesOf(f url.Values) (keep, drop []int64) {
	keep = numbersOf(f["file"], nil)
	return keep, numbersOf(f["shown"], keep)
}

// numbersOf are at most MaxFiles different numbers of a field, but for those in rest.
func numbersOf(values []string, rest []int64) (all []int64) {
	for _, v := range values {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && len(all) < ticket.MaxFiles && !slices.Contains(all, n) && !slices.Contains(rest, n) {
			all = append(all, n)
		}
	}
	return all
}

// files are those of a draft as its form shows them; what the form left out stays left out.
func (rd reader) files(c ticket.Card, kind string, leftOut []int64) ticketview.Files {
	v := ticketview.Files{Upload: href.DraftFiles(c.Ticket.ID, kind), Most: ticket.MaxFile, Hint: rd.l.T(text.AttachHint, "limit", text.Bytes(ticket.MaxFile))}
	for _, f := range c.Waiting {
		if f.Kind == kind {
			one := rd.draftFile(c.Ticket.ID, f)
			one.Off = slices.Contains(leftOut, f.ID)
			v.List = append(v.List, one)
		}
	}
	return v
}

func (rd reader) draftFile(ticketID int64, f ticket.DraftFile) ticketview.DraftFile {
	v := ticketview.DraftFile{ID: dec(f.ID), Remove: href.DraftFileRemoval(ticketID, f.Kind, f.ID)}
	v.File = rd.file(ticket.File{Name: f.Name, Type: f.Type, Size: f.Size})
	v.Href = href.DraftFile(ticketID, f.Kind, f.ID)
	return v
}
