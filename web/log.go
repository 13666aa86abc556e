package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"frontdesk/templates/href"
)

// notes is what a request leaves for its line in the log.
type notes struct {
	id    string
	agent int64
	gone  bool
	w     middleware.WrapResponseWriter
}

func (n *notes) written() bool { return n.w != nil && n.w.Status() != 0 }

type notesKey struct{}

func note(ctx context.Context) *notes {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		return n
	}
	return new(notes)
}

// logged names the request and writes one line when it is answered. The query is left out: searches and addresses are nobody's business.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := &notes{id: requestID(), w: middleware.NewWrapResponseWriter(w, r.ProtoMajor)}
		w.Header().Set("Request-Id", n.id)
		began := time.Now()
		ctx := context.WithValue(r.Context(), notesKey{}, n)
		r = r.WithContext(ctx)
		defer func() {
			status := n.w.Status()
			if n.gone {
				status = 499 // the visitor left first
			}
			s.log.Log(ctx, levelOf(r), "answered", "request", n.id, "method", r.Method, "path", r.URL.Path, "status", status,
				"bytes", n.w.BytesWritten(), "ms", time.Since(began).Milliseconds(), "agent", n.agent, "address", s.address(r))
		}()
		next.ServeHTTP(n.w, r)
	})
}

// levelOf keeps what machines ask for out of the usual log.
func levelOf(r *http.Request) slog.Level {
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || strings.HasPrefix(r.URL.Path, href.StaticRoot) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// recovered turns a panic into the page with the request id.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func requestID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
