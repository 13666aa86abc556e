package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// How long a form may take to arrive, what a page is made of to be found, and an answer to leave. A slower reader needs keepWriting.
const (
	readTime  = 30 * time.Second
	makeTime  = 10 * time.Second
	writeTime = time.Minute
)

// lookers is how many pages at a time are made anew because of a ring: half of the database's connections stay for people.
const lookers = 6

// timed begins the minute of every answer: a connection that is used again would still carry the end of the last one.
func timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keepWriting(w)
		next.ServeHTTP(w, r)
	})
}

// limited sets what a route takes in bytes and seconds, and whether its answer may be kept. When the database is slow or away, the time is over
// before the visitor's patience is: a page that says so comes in any case.
func (s *Server) limited(rt route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", rt.cache)
		if rt.most > 0 {
			// Tests' recorders know no deadlines; every real connection does.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime))
		}
		uploads := rt.takes && carriesFiles(r)
		most := rt.most
		if uploads {
			most = mostFiles
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if !rt.streams && !uploads { // an upload has its own time
			patience := s.patience
			if rt.most > small {
				patience += readTime // the form is still on its way
			}
			ctx := r.Context()
			if r.Method == http.MethodPost {
				ctx = context.WithoutCancel(ctx) // a deed is done to its end, also when its visitor has gone on to another page
			}
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

// inLine lets what pages ask by themselves come a few at a time: one ring makes everybody's page ask at once, and whoever opens a page
// meanwhile does not wait for that.
func (s *Server) inLine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(liveHeader) == "" {
			next.ServeHTTP(w, r)
			return
		}
		select {
		case s.line <- struct{}{}:
			leave := sync.OnceFunc(func() { <-s.line })
			defer leave()
			next.ServeHTTP(placed{w, leave}, r)
		case <-r.Context().Done():
			s.fail(w, r, r.Context().Err())
		}
	})
}

// placed gives its place in the line to the next once its answer is made: how fast that is read is its reader's affair.
type placed struct {
	http.ResponseWriter
	leave func()
}

func (l placed) WriteHeader(code int) {
	l.leave()
	l.ResponseWriter.WriteHeader(code)
}

func (l placed) Unwrap() http.ResponseWriter { return l.ResponseWriter }

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
