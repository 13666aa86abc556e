package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
)

// What only the web itself finds wrong with a request.
var (
	errNoRoute   = fault.NotFound
	errMethod    = errors.New("method not allowed")
	errForm      = errors.New("form cannot be read")
	errSignedOut = errors.New("signed out")
	errStrange   = errors.New("cross-site request")
)

// missing is fault.Forbidden with the permission that would be needed.
type missing agent.Permission

func (m missing) Error() string        { return "lacks " + string(m) }
func (m missing) Is(target error) bool { return target == fault.Forbidden }

// deletedTicket is fault.NotFound for who may take the ticket's deletion back.
type deletedTicket struct {
	error
	id int64
}

func (d deletedTicket) Unwrap() error { return d.error }

// do runs a handler and answers its error. It is the only place that does.
func (s *Server) do(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// fail answers an error: known ones as a page that says what to do, others as a page with the request id and one line in the log.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	n := note(r.Context())
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		n.gone = true // nobody reads the answer
		return
	}
	code := codeOf(err)
	if code >= http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "request failed", "err", err, "request", n.id, "method", r.Method, "path", r.URL.Path, "agent", n.agent)
	}
	if n.written() {
		return // half an answer is out; the connection tells the rest
	}
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", noStore)
	r = r.WithContext(context.WithoutCancel(r.Context())) // the time to make the page may be what is over
	if e := s.showProblem(w, r, code, err); e != nil {
		http.Error(w, http.StatusText(code), code)
	}
}

func codeOf(err error) int {
	var conflict *fault.Conflict
	var large *http.MaxBytesError
	var many *agent.TooMany
	var invalid fault.Invalid
	switch {
	case errors.Is(err, fault.NotFound):
		return http.StatusNotFound
	case errors.Is(err, fault.Forbidden), errors.Is(err, errStrange):
		return http.StatusForbidden
	case errors.As(err, &conflict), errors.Is(err, fault.TooLate):
		return http.StatusConflict
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &many):
		return http.StatusTooManyRequests
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errForm):
		return http.StatusBadRequest
	case errors.Is(err, errSignedOut):
		return http.StatusUnauthorized
	case errors.Is(err, agent.ErrBusy), pg.Down(err):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// showProblem says it in words, within the frame of who is signed in. A page of 404 holds nothing of the request, so what is hidden and what is
// not there are the same bytes.
func (s *Server) showProblem(w http.ResponseWriter, r *http.Request, code int, err error) error {
	r, shell := s.around(r, code)
	p := problem(text.From(r.Context()), code, err)
	if code >= http.StatusInternalServerError {
		p.Request = note(r.Context()).id
	}
	var h half
	if errors.As(err, &h) {
		p.Told, p.Href = []layout.Toast{h.told}, h.list
	}
	var d deletedTicket
	if errors.As(err, &d) {
		p.Title, p.Text, p.Undo = text.From(r.Context()).T(text.PostponeDeleted, "number", tagged(d.id)), "", href.Restoration(d.id)
	}
	switch {
	case fragments(r):
		return s.show(w, r, code, layout.ProblemFragment(p))
	case shell == nil:
		return s.show(w, r, code, layout.ProblemAlone(p))
	}
	shell.Title = p.Title
	return s.show(w, r, code, layout.ProblemPage(*shell, p))
}

// frameTime is how long an error page waits for its frame: it is shown without, too.
const frameTime = 2 * time.Second

// around finds who is signed in, where the route did not ask, and the frame of their pages: nil for strangers, for scripts, and where the fault is
// ours, for the frame may have it too.
func (s *Server) around(r *http.Request, code int) (*http.Request, *layout.Shell) {
	if code >= http.StatusInternalServerError {
		return r, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), frameTime)
	defer cancel()
	framed := r.WithContext(ctx)
	if me(r).ID == 0 {
		who, err := s.identify(framed)
		if err != nil {
			return r, nil
		}
		r, framed = r.WithContext(s.withAgent(r.Context(), who)), r.WithContext(s.withAgent(ctx, who))
	}
	if fragments(r) {
		return r, nil
	}
	shell, err := s.frame(framed, "", "")
	if err != nil {
		return r, nil
	}
	shell.Me.Here, shell.Toast, shell.Undo = href.TicketList, nil, nil
	return r, &shell
}

func problem(l *text.Local, code int, err error) layout.Problem {
	p := layout.Problem{Code: code, Icon: "circle-alert", Action: l.T(text.ErrorBack), Href: href.TicketList}
	var lacking missing
	var held ticket.Held
	var large *http.MaxBytesError
	var many *agent.TooMany
	var invalid fault.Invalid
	switch {
	case code == http.StatusNotFound:
		p.Icon, p.Title, p.Text = "search-x", l.T(text.ErrorNotFound), l.T(text.ErrorNotFoundText)
	case errors.Is(err, errStrange):
		p.Icon, p.Title, p.Text = "shield-alert", l.T(text.ErrorForeign), l.T(text.ErrorForeignText)
	case errors.As(err, &lacking):
		p.Icon, p.Title, p.Text = "lock", l.T(text.ErrorForbidden), l.T(text.ErrorForbiddenText, "permission", string(lacking))
	case errors.As(err, &held):
		p.Icon, p.Title, p.Text = "shield-alert", l.T(text.HeldTitle), heldWhy(l, held.Name, held.Found)
		p.Action, p.Href = l.T(text.HeldBack), href.TicketMessage(held.TicketID, held.MessageID)
		if held.Found != ticket.Waiting {
			p.Text += " " + l.T(text.ErrorForbiddenText, "permission", string(agent.FileInfected))
		}
	case code == http.StatusForbidden:
		p.Icon, p.Title = "lock", l.T(text.ErrorForbidden)
	case code == http.StatusConflict:
		p.Title, p.Text = l.T(text.ErrorConflict), l.T(text.ErrorConflictText)
	case errors.As(err, &invalid):
		p.Title, p.Text = l.T(text.ErrorBroken), sentences(l, invalid)
	case errors.As(err, &large):
		p.Title, p.Text = l.T(text.ErrorTooBig), l.T(text.ErrorTooBigText, "limit", l.Size(large.Limit))
	case errors.As(err, &many):
		p.Title, p.Text = l.T(text.ErrorTooMany), l.T(text.ErrorTooManyText, "by", l.Duration(many.After))
	case code == http.StatusMethodNotAllowed:
		p.Title = l.T(text.ErrorMethod)
	case code == http.StatusUnauthorized:
		p.Title, p.Text, p.Action, p.Href = l.T(text.AuthSignedOut), l.T(text.AuthEnded), l.T(text.AuthSignIn), href.SignIn
	case code == http.StatusServiceUnavailable:
		p.Title, p.Text = l.T(text.ErrorAway), l.T(text.ErrorAwayText)
	case code == http.StatusBadRequest:
		p.Title, p.Text = l.T(text.ErrorBroken), l.T(text.ErrorConflictText)
	default:
		p.Title, p.Text = l.T(text.ErrorBroken), l.T(text.ErrorBrokenText)
	}
	return p
}
