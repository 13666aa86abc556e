package web

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/a-h/templ"
)

// show answers with a page or fragment. It is rendered whole before the first byte leaves, so an error in it can still be answered.
func (s *Server) show(w http.ResponseWriter, r *http.Request, code int, page templ.Component) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() < 1<<20 {
			buf.Reset()
			buffers.Put(buf)
		}
	}()
	if err := page.Render(r.Context(), buf); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request")
	w.WriteHeader(code)
	_, _ = w.Write(buf.Bytes()) // the reader has gone; nothing is left to do
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// fragments tells whether the page's script asks, which wants the changed parts instead of the page.
func fragments(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }
