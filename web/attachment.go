package web

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // the kinds of picture a frame may show
	_ "image/jpeg" // …
	_ "image/png"  // …
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"

	_ "golang.org/x/image/webp" // …

	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticket"
)

// zeroTime makes http.ServeContent leave out Last-Modified.
var zeroTime time.Time

// downloadFile hands out an attachment. It is always a download: what a stranger sent is never shown on our own address (RELIABILITY C3).
func (s *Server) downloadFile(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	f, err := ticket.FileOf(r.Context(), s.db, me(r), id)
	if err != nil {
		return err
	}
	return s.handOut(w, r, f)
}

// asDownload sets what keeps a browser from showing or running bytes of strangers.
func asDownload(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// disposition names the file twice, as RFC 6266 asks: plain letters for the old, UTF-8 for the rest. A name is data; what could leave the
// folder, the line, or turn its ending round is taken out.
func disposition(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp) || strings.ContainsRune(`/\:*?"<>|`, c) || c == unicode.ReplacementChar {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	if r := []rune(name); len(r) > 150 {
		name = string(r[:100]) + string(r[len(r)-50:])
	}
	if name == "" {
		name = "file"
	}
	plain := strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII || c == '%' {
			return '_'
		}
		return c
	}, name)
	return mime.FormatMediaType("attachment", map[string]string{"filename": plain}) + "; filename*=UTF-8''" + extended(name)
}

// extended writes a value as RFC 8187 does: what is not one of its attr-char stands as the bytes of UTF-8 behind percent signs.
func extended(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("!#$&+-.^_`|~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// maxPicture bounds what is decoded to be shown.
const maxPicture = 20 << 20

// showPart shows an inline picture of a message. It is a picture only if we can read it as one ourselves; the sender's word does not count.
func (s *Server) showPart(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "message")
	if err != nil {
		return err
	}
	cid, err := param(r, "cid")
	if err != nil {
		return err
	}
	f, err := ticket.PartOf(r.Context(), s.db, me(r), id, cid)
	if err != nil {
		return err
	}
	src, err := blob.Open(r.Context(), s.db, f.BlobID)
	if err != nil {
		return err
	}
	if src.Size > maxPicture {
		return fault.NotFound
	}
	data, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	_, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fault.NotFound
	}
	asDownload(w, f.Name)
	w.Header().Set("Content-Disposition", "inline")
	w.Header().Set("Content-Type", "image/"+kind)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, err = w.Write(data)
	return gone(err)
}
