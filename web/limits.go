package web

import (
	"net/http"
	"time"
)

// How long a form may take to arrive and an answer to leave. A slower reader needs keepWriting.
const (
	readTime  = 30 * time.Second
	writeTime = time.Minute
)

// timed begins the minute of every answer: a connection that is used again would still carry the end of the last one.
func timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keepWriting(w)
		next.ServeHTTP(w, r)
	})
}

// limited sets what a route takes in bytes and seconds, and whether its answer may be kept.
func limited(rt route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", rt.cache)
		if rt.most > 0 {
			// Tests' recorders know no deadlines; every real connection does.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime))
		}
		r.Body = http.MaxBytesReader(w, r.Body, rt.most)
		next.ServeHTTP(w, r)
	})
}

// keepWriting gives a long answer another minute; called before each piece.
func keepWriting(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
}

// patient writes a long answer: as long as some of it is taken every minute, it goes on.
type patient struct{ http.ResponseWriter }

func (p patient) Write(b []byte) (int, error) {
	keepWriting(p.ResponseWriter)
	return p.ResponseWriter.Write(b)
}

func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
