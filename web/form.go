package web

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"frontdesk/internal/fault"
	"frontdesk/internal/text"
)

// form reads the body of a POST. Every value is valid UTF-8 without NUL, which is all the database takes.
func form(r *http.Request) (url.Values, error) {
	if got := receivedWith(r); got.fields != nil {
		return got.fields, nil
	}
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	return cleaned(r.PostForm), nil
}

// query reads what stands behind the question mark, as clean as form; what cannot be read is left out.
func query(r *http.Request) url.Values { return cleaned(r.URL.Query()) }

func cleaned(v url.Values) url.Values {
	for _, all := range v {
		for i := range all {
			all[i] = strings.ReplaceAll(strings.ToValidUTF8(all[i], "\uFFFD"), "\x00", "")
		}
	}
	return v
}

// number reads a number of the path, fault.NotFound when it is none in its one spelling.
func number(r *http.Request, name string) (int64, error) {
	s := chi.URLParam(r, name)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
		return 0, fault.NotFound
	}
	return n, nil
}

// param reads a word of the path.
func param(r *http.Request, name string) (string, error) {
	s := chi.URLParam(r, name)
	if r.URL.RawPath != "" { // then the router saw the escaped form
		var err error
		if s, err = url.PathUnescape(s); err != nil {
			return "", fault.NotFound
		}
	}
	if strings.ToValidUTF8(s, "") != s || strings.Contains(s, "\x00") {
		return "", fault.NotFound
	}
	return s, nil
}

// sent is a field that was in the form, nil when it was not: a change of settings leaves out what it does not touch.
func sent(v url.Values, field string) *string {
	if !v.Has(field) {
		return nil
	}
	s := v.Get(field)
	return &s
}

// sentence is what to show beside a field, "" when nothing is wrong with it.
func sentence(l *text.Local, bad fault.Invalid, field string) string {
	why, ok := bad[field]
	if !ok {
		return ""
	}
	return l.T(why.Key, why.Args...)
}

// sentences is all of them, for a form that is not shown again.
func sentences(l *text.Local, bad fault.Invalid) string {
	var all []string
	for _, field := range slices.Sorted(maps.Keys(bad)) {
		all = append(all, sentence(l, bad, field))
	}
	return strings.Join(all, ". ")
}

// next is where a form leads afterwards: a path of ours, else the list. Whatever a browser could take for another host is refused.
func next(said string) string {
	const otherwise = "/tickets"
	if !strings.HasPrefix(said, "/") || strings.HasPrefix(said, "//") || len(said) > 2000 || strings.ContainsFunc(said, notInPath) {
		return otherwise
	}
	u, err := url.Parse(said)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return otherwise
	}
	switch u.Path {
	case "/", "/sign-in", "/sign-out", "/set-up", "/live":
		return otherwise
	}
	return u.RequestURI()
}

func notInPath(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }
