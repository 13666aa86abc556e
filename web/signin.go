package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/authview"
	"frontdesk/templates/href"
	"frontdesk/templates/ui"
)

// signInPage is where everybody begins who is not signed in; on an empty desk that is the set-up page.
func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	q := query(r)
	if _, err := s.identify(r); err == nil {
		http.Redirect(w, r, next(q.Get("next")), http.StatusSeeOther)
		return nil
	} else if !errors.Is(err, fault.NotFound) {
		return err
	}
	if there, err := agent.AnyExists(r.Context(), s.db); err != nil {
		return err
	} else if !there {
		http.Redirect(w, r, href.SetUp, http.StatusSeeOther)
		return nil
	}
	return s.showSignIn(w, asked(r, q), http.StatusOK, authview.SignIn{Next: q.Get("next")})
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request, code int, v authview.SignIn) error {
	name, err := desk.Param[string](r.Context(), s.db, "desk_name")
	if err != nil {
		return err
	}
	v.Desk, v.Lang, v.Version, v.Insecure = name, text.From(r.Context()).Lang, s.version, s.insecure()
	if v.Next != "" {
		v.Next = next(v.Next)
	}
	return s.show(w, r, code, authview.SignInPage(v))
}

// createSession signs in. Wrong password and unknown account are the same answer in the same time.
func (s *Server) createSession(w http.ResponseWriter, r *http.Request) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	r = asked(r, f)
	if f.Get("email") == "" || f.Get("password") == "" {
		return s.signInAgain(w, r, f, fault.Invalid{})
	}
	try, session, err := s.signIn(r, f.Get("email"), f.Get("password"))
	if err != nil {
		return s.signInAgain(w, r, f, err)
	}
	if err := s.cookies.enter(w, r, session, try.Account); err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "signed in", "agent", try.AgentID, "address", s.address(r), "request", note(r.Context()).id)
	http.Redirect(w, r, next(f.Get("next")), http.StatusSeeOther)
	return nil
}

// signIn counts, checks and admits; the password is checked between two transactions. The session this browser had before ends.
func (s *Server) signIn(r *http.Request, email, password string) (try *agent.Try, session string, err error) {
	ctx := r.Context()
	v := agent.Visitor{Address: s.address(r), UserAgent: r.UserAgent(), Device: s.cookies.device(r, agent.Account(email))}
	if err = s.db.InTx(ctx, func(tx *pg.Tx) (err error) { try, err = agent.Knock(ctx, tx, email, v); return err }); err != nil {
		return nil, "", err
	}
	if err = try.Check(ctx, password); errors.Is(err, agent.ErrBusy) {
		err = errors.Join(err, s.db.InTx(ctx, func(tx *pg.Tx) error { return agent.Withdraw(ctx, tx, try) }))
	}
	if err != nil {
		return try, "", err
	}
	err = s.db.InTx(ctx, func(tx *pg.Tx) (err error) {
		if old := s.cookies.session(r); old != "" {
			if err := agent.EndSession(ctx, tx, old); err != nil {
				return err
			}
		}
		session, err = agent.Admit(ctx, tx, try)
		return err
	})
	return try, session, err
}

// signInAgain shows the form with what was typed, but for the password.
func (s *Server) signInAgain(w http.ResponseWriter, r *http.Request, f url.Values, why error) error {
	l := text.From(r.Context())
	v := authview.SignIn{Next: f.Get("next"), Email: ui.Field{Value: f.Get("email")}}
	code := http.StatusUnprocessableEntity
	var many *agent.TooMany
	var empty fault.Invalid
	switch {
	case errors.As(why, &empty):
		v.Email.Error = lacks(l, f.Get("email"), text.AuthEmailMissing)
		v.Password.Error = lacks(l, f.Get("password"), text.AuthPasswordMissing)
	case errors.Is(why, agent.ErrWrong):
		v.Error = l.T(text.AuthWrong)
		s.logRefusal(r, "sign-in refused")
	case errors.As(why, &many):
		code, v.Error = http.StatusTooManyRequests, tooMany(w, l, many)
		s.logRefusal(r, "too many sign-ins", "limit", many.Key)
	default:
		return why
	}
	return s.showSignIn(w, r, code, v)
}

func lacks(l *text.Local, value string, key text.Key) string {
	if value != "" {
		return ""
	}
	return l.T(key)
}

// logRefusal logs without what was typed: people type passwords into the wrong field.
func (s *Server) logRefusal(r *http.Request, what string, more ...any) {
	s.log.WarnContext(r.Context(), what, append(more, "address", s.address(r), "request", note(r.Context()).id)...)
}

// tooMany tells when to try again, in the answer's header and in words.
func tooMany(w http.ResponseWriter, l *text.Local, many *agent.TooMany) string {
	w.Header().Set("Retry-After", strconv.Itoa(int(many.After.Seconds())+1))
	return l.T(text.AuthTooMany, "by", l.Duration(many.After))
}

// asked reads in the language chosen on the page, which the form carries on.
func asked(r *http.Request, v url.Values) *http.Request {
	lang := v.Get("lang")
	for _, l := range text.Languages {
		if l == lang {
			return r.WithContext(text.With(r.Context(), text.For(lang)))
		}
	}
	return r
}

// endSession signs out, here and in the live stream, and has the browser forget what it kept.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	who := current(r)
	err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return agent.EndSession(r.Context(), tx, who.session) })
	if err != nil {
		return err
	}
	s.cookies.leave(w)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	s.log.InfoContext(r.Context(), "signed out", "agent", who.agent.ID, "request", note(r.Context()).id)
	http.Redirect(w, r, href.SignIn, http.StatusSeeOther)
	return nil
}

// home leads to the list.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, href.TicketList, http.StatusSeeOther)
	return nil
}
