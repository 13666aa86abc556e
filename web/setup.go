package web

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/authview"
	"frontdesk/templates/href"
	"frontdesk/templates/ui"
)

// setUpToken is known to who reads the log of any process with the installation's key: 128 bits, the same in all of them.
func setUpToken(key []byte) string {
	s := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(derived(key, "set-up token")[:16])
	return strings.ToLower(s)
}

// setUpPage makes the first user; it is not there once somebody works here.
func (s *Server) setUpPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.nobodyYet(r); err != nil {
		return err
	}
	return s.showSetUp(w, asked(r, query(r)), http.StatusOK, authview.SetUp{})
}

func (s *Server) nobodyYet(r *http.Request) error {
	there, err := agent.AnyExists(r.Context(), s.db)
	if err == nil && there {
		return fault.NotFound
	}
	return err
}

func (s *Server) showSetUp(w http.ResponseWriter, r *http.Request, code int, v authview.SetUp) error {
	v.Lang, v.Version, v.Insecure = text.From(r.Context()).Lang, s.version, s.insecure()
	return s.show(w, r, code, authview.SetUpPage(v))
}

// createFirstAgent makes the administrator and signs in. Two visitors at once make one user; the other finds nothing here any more.
func (s *Server) createFirstAgent(w http.ResponseWriter, r *http.Request) error {
	if err := s.nobodyYet(r); err != nil {
		return err
	}
	f, err := form(r)
	if err != nil {
		return err
	}
	r = asked(r, f)
	session, err := s.addFirst(r, f)
	if err != nil {
		return s.setUpAgain(w, r, f, err)
	}
	if err := s.cookies.enter(w, r, session, agent.Account(f.Get("email"))); err != nil {
		return err
	}
	http.Redirect(w, r, href.TicketList, http.StatusSeeOther)
	return nil
}

func (s *Server) addFirst(r *http.Request, f url.Values) (session string, err error) {
	ctx := r.Context()
	if typed := strings.ToLower(strings.TrimSpace(f.Get("token"))); subtle.ConstantTimeCompare([]byte(typed), []byte(s.setUp)) != 1 {
		s.logRefusal(r, "set-up token refused")
		if err := s.db.InTx(ctx, func(tx *pg.Tx) error { return agent.KnockSetUp(ctx, tx, s.address(r)) }); err != nil {
			return "", err
		}
		return "", fault.Invalid{"token": fault.Because(text.AuthTokenWrong)}
	}
	err = s.db.InTx(ctx, func(tx *pg.Tx) error {
		id, err := agent.AddFirst(ctx, tx, agent.New{Name: f.Get("name"), Email: f.Get("email"), Password: f.Get("password"),
			Language: text.From(ctx).Lang, TimeZone: f.Get("time_zone")})
		if err != nil {
			return err
		}
		session, err = agent.Enter(ctx, tx, id, s.address(r), r.UserAgent())
		return err
	})
	if err == nil {
		s.log.InfoContext(ctx, "first user made", "address", s.address(r), "request", note(ctx).id)
	}
	return session, err
}

func (s *Server) setUpAgain(w http.ResponseWriter, r *http.Request, f url.Values, why error) error {
	l := text.From(r.Context())
	v := authview.SetUp{Token: ui.Field{Value: f.Get("token")}, Name: ui.Field{Value: f.Get("name")}, Email: ui.Field{Value: f.Get("email")}}
	code := http.StatusUnprocessableEntity
	var bad fault.Invalid
	var many *agent.TooMany
	switch {
	case errors.As(why, &bad):
		v.Token.Error, v.Name.Error = sentence(l, bad, "token"), sentence(l, bad, "name")
		v.Email.Error, v.Password.Error = sentence(l, bad, "email"), sentence(l, bad, "password")
		v.Error = sentence(l, bad, "time_zone")
	case errors.As(why, &many):
		code, v.Error = http.StatusTooManyRequests, tooMany(w, l, many)
	default:
		return why
	}
	return s.showSetUp(w, r, code, v)
}

// AnnounceSetUp says in the log where and with which token the first user is made, as long as nobody works here. Without that line nobody gets in, so
// it is a warning.
func (s *Server) AnnounceSetUp(ctx context.Context) error {
	there, err := agent.AnyExists(ctx, s.db)
	if err != nil || there {
		return err
	}
	s.log.WarnContext(ctx, "nobody works here yet: open the set-up page and give its token", "page", s.base.JoinPath(href.SetUp).String(), "token", s.setUp)
	return nil
}
