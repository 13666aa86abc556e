package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"
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
	w.Header().Add("Vary", "HX-Request, "+languageHeader)
	send(w, r, code, buf.Bytes())
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// send answers with a document, packed for who takes it so. A packer is a megabyte, so none is held while a page is made or read, let alone by a stream.
func send(w http.ResponseWriter, r *http.Request, code int, document []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		document = packed(document)
	}
	h.Set("Content-Length", strconv.Itoa(len(document)))
	w.WriteHeader(code)
	_, _ = w.Write(document) // the reader may have gone; nothing is left to do
}

func packed(document []byte) []byte {
	var small bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&small)
	_, _ = z.Write(document) // into memory
	_ = z.Close()
	return small.Bytes()
}

// packers are not the standard library's, which take five times as long.
var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, 5) // the level is valid
	return z
}}

// fragments tells whether the page's script asks, which wants the changed parts instead of the page.
func fragments(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }
