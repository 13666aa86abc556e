package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/href"
)

// liveHeader marks requests that the page made by itself because of a ring: they do not keep a session alive (RELIABILITY C14).
const liveHeader = "Frontdesk-Live"

// signedIn is who makes a request.
type signedIn struct {
	agent    agent.Agent
	session  string // its id
	language string // of the answer
}

type signedInKey struct{}

// me is the agent who makes the request; only routes that are not for anybody have one.
func me(r *http.Request) agent.Agent { return current(r).agent }

func current(r *http.Request) signedIn {
	who, _ := r.Context().Value(signedInKey{}).(signedIn)
	return who
}

// allowed lets through who holds the route's permission. Who is not signed in goes to the sign-in page and comes back afterwards.
func (s *Server) allowed(rt route, next http.Handler) http.Handler {
	if rt.who == anybody {
		return next
	}
	return s.do(func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.identify(r)
		if errors.Is(err, fault.NotFound) {
			return s.askToSignIn(w, r)
		}
		if err != nil {
			return err
		}
		r = r.WithContext(s.withAgent(r.Context(), who))
		if rt.who != anyAgent && !who.agent.Can(agent.Permission(rt.who)) {
			return missing(rt.who)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// identify finds the agent of the session cookie, fault.NotFound when there is none.
func (s *Server) identify(r *http.Request) (signedIn, error) {
	id := s.cookies.session(r)
	if id == "" {
		return signedIn{}, fault.NotFound
	}
	now := s.now()
	found, err := agent.BySession(r.Context(), s.db, id, now)
	if err != nil {
		return signedIn{}, err
	}
	if found.Stale(now) && r.Header.Get(liveHeader) == "" && r.URL.Path != href.Live {
		err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return agent.Seen(r.Context(), tx, id) })
		if err != nil && !pg.Failing(err) {
			return signedIn{}, err
		}
		if err != nil { // a full disk keeps nobody from reading
			s.log.WarnContext(r.Context(), "the use of a session is not noted", "err", err)
		}
	}
	return signedIn{found.Agent, id, language(r, found.Agent)}, nil
}

// languageHeader names the language of the page that asks for pieces of itself.
const languageHeader = "Frontdesk-Language"

// language is the one that an answer is written in. A piece of a page is in that of the page: its reader may have chosen another one in the meantime, in
// another window.
func language(r *http.Request, who agent.Agent) string {
	if lang := r.Header.Get(languageHeader); fragments(r) && slices.Contains(text.Languages, lang) {
		return lang
	}
	return who.Language
}

func (s *Server) withAgent(ctx context.Context, who signedIn) context.Context {
	note(ctx).agent = who.agent.ID
	ctx = context.WithValue(ctx, signedInKey{}, who)
	return text.With(ctx, text.For(who.language).In(who.agent.Location()))
}

// askToSignIn sends pages to the form; scripts are told with 401, and which form leads back to their page.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	switch {
	case fragments(r):
		w.Header().Set("HX-Redirect", href.SignInThen(next(cameFrom(r))))
		return errSignedOut
	case r.URL.Path == href.Live || r.Header.Get(liveHeader) != "":
		return errSignedOut
	}
	target := href.SignIn
	if r.Method == http.MethodGet {
		target = href.SignInThen(r.URL.RequestURI())
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}
