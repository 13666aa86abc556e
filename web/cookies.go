package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"frontdesk/internal/agent"
)

// cookies keeps two things in a browser: the session's id, and the mark that somebody was signed in to an account here before, which keeps
// strangers' guesses from locking that browser out.
type cookies struct {
	sessions *sessions.CookieStore
	devices  *sessions.CookieStore
	prefix   string
}

const deviceAge = 180 * 24 * time.Hour

func newCookies(key []byte, https bool) cookies {
	c := cookies{sessions: store(key, "session", https, agent.SessionAbsolute), devices: store(key, "device", https, deviceAge)}
	if https {
		c.prefix = "__Host-" // RFC 6265bis, 4.1.3.2: only this host over https can have set it
	}
	return c
}

func store(key []byte, purpose string, https bool, age time.Duration) *sessions.CookieStore {
	st := sessions.NewCookieStore(derived(key, "cookie "+purpose))
	for _, codec := range st.Codecs {
		if c, ok := codec.(*securecookie.SecureCookie); ok {
			c.SetSerializer(asQuery{})
		}
	}
	st.Options = &sessions.Options{Path: "/", Secure: https, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	st.MaxAge(int(age.Seconds()))
	return st
}

func (c cookies) name() string       { return c.prefix + "frontdesk" }
func (c cookies) deviceName() string { return c.prefix + "frontdesk-device" }

// session is the id in the request, "" when there is none that we gave.
func (c cookies) session(r *http.Request) string { return read(c.sessions, r, c.name(), "id") }

// enter gives a browser its session and marks it as one of the account's.
func (c cookies) enter(w http.ResponseWriter, r *http.Request, session, account string) error {
	if err := write(c.sessions, w, r, c.name(), map[any]any{"id": session}); err != nil {
		return err
	}
	return write(c.devices, w, r, c.deviceName(), map[any]any{"account": account, "device": rand.Text()})
}

// leave takes the session's cookie away; the mark stays.
func (c cookies) leave(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: c.name(), Path: "/", MaxAge: -1, Secure: c.sessions.Options.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// device is the mark of a browser that was signed in to the account, "" for others.
func (c cookies) device(r *http.Request, account string) string {
	if read(c.devices, r, c.deviceName(), "account") != account {
		return ""
	}
	return read(c.devices, r, c.deviceName(), "device")
}

func read(st *sessions.CookieStore, r *http.Request, name, value string) string {
	kept, err := st.New(r, name)
	if err != nil {
		return "" // forged, too old, or of another key
	}
	s, _ := kept.Values[value].(string)
	return s
}

func write(st *sessions.CookieStore, w http.ResponseWriter, r *http.Request, name string, values map[any]any) error {
	kept := sessions.NewSession(st, name)
	opts := *st.Options
	kept.Options, kept.Values = &opts, values
	return st.Save(r, w, kept)
}

// asQuery writes a cookie's values, which are all strings, as a query. gob, the usual way, describes its types in every cookie and makes itself a
// reader for them in every request.
type asQuery struct{}

func (asQuery) Serialize(values any) ([]byte, error) {
	kept, ok := values.(map[any]any)
	if !ok {
		return nil, fmt.Errorf("a cookie of %T", values)
	}
	q := url.Values{}
	for name, value := range kept {
		q.Set(fmt.Sprint(name), fmt.Sprint(value))
	}
	return []byte(q.Encode()), nil
}

func (asQuery) Deserialize(cookie []byte, values any) error {
	kept, ok := values.(*map[any]any)
	if !ok {
		return fmt.Errorf("a cookie into %T", values)
	}
	q, err := url.ParseQuery(string(cookie))
	if err != nil {
		return fmt.Errorf("read a cookie: %w", err)
	}
	*kept = make(map[any]any, len(q))
	for name := range q {
		(*kept)[name] = q.Get(name)
	}
	return nil
}

// derived is a key for one purpose from the web's key.
func derived(key []byte, purpose string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(purpose))
	return m.Sum(nil)
}
