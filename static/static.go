// Package static is what the browser fetches besides pages: style, scripts, icons. It is part of the binary.
//
// Every address carries a hash over all of it, so an answer may be kept for ever and a new version is a new address.
// One hash for the whole tree lets modules import each other by relative paths.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./spritegen

//go:embed css js icons vendor
var files embed.FS

const root = "/static/"

// Path is the address of a file: Path("css/frontdesk.css"), Path("icons/sprite.svg#send").
func Path(name string) string { return tree().prefix + name }

// Handler answers everything below /static/. What is addressed by the present hash may be kept for ever;
// a page of an older version gets today's file and must ask again.
func Handler() http.Handler {
	t := tree()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, root), "/")
		f, ok := t.files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r, version == t.version)
	})
}

type asset struct {
	kind  string
	plain []byte
	small []byte // gzip, nil where it saves nothing
	tag   string
}

func (f asset) serve(w http.ResponseWriter, r *http.Request, current bool) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", "no-cache")
	if current {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.small != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.small
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader has gone; nothing is left to do
	}
}

type assets struct {
	version string
	prefix  string
	files   map[string]asset
}

// tree reads the embedded files once; a fault in them is a fault of the build.
var tree = sync.OnceValue(func() assets {
	t := assets{files: map[string]asset{}}
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !served(name) {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		if name == "css/frontdesk.css" {
			body = scaled(concatenated(body))
		}
		sum.Write([]byte(name))
		sum.Write(body)
		t.files[name] = made(name, body)
		return nil
	})
	if err != nil {
		panic(err)
	}
	t.version = hex.EncodeToString(sum.Sum(nil))[:10]
	t.prefix = root + t.version + "/"
	return t
})

// served leaves out what is there for people: licences, the lock file, the single icons behind the sprite.
func served(name string) bool {
	switch path.Ext(name) {
	case ".css", ".js", ".png", ".webmanifest", ".woff2":
		return true
	case ".svg":
		return strings.HasPrefix(name, "icons/") && name != "icons/own.svg"
	}
	return false
}

var imported = regexp.MustCompile(`(?m)^@import url\("([^"]+)"\);.*$`)

// concatenated is the style sheet with its imports in their place: one answer instead of thirty.
func concatenated(entry []byte) []byte {
	return imported.ReplaceAllFunc(entry, func(line []byte) []byte {
		body, err := files.ReadFile(path.Join("css", string(imported.FindSubmatch(line)[1])))
		if err != nil {
			panic(err)
		}
		return body
	})
}

var pixels = regexp.MustCompile(`(\d*\.?\d+)px\b`)

// hairline is the most that stays as thin as it is on every screen: a line, not a size.
const hairline = 2

// scaled makes pixels of the usual 16 to a letter into rem, also in the conditions: who has their browser write larger gets all of the page larger, and
// laid out as for the smaller screen that theirs then is. So sheets are written in pixels, and grow with the letters.
func scaled(sheet []byte) []byte {
	return pixels.ReplaceAllFunc(sheet, func(size []byte) []byte {
		n, err := strconv.ParseFloat(string(bytes.TrimSuffix(size, []byte("px"))), 64)
		if err != nil || n <= hairline {
			return size
		}
		return append(strconv.AppendFloat(nil, n/16, 'f', -1, 64), "rem"...)
	})
}

func made(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	f := asset{kind: mime.TypeByExtension(path.Ext(name)), plain: body, tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	switch path.Ext(name) {
	case ".js":
		f.kind = "text/javascript; charset=utf-8"
	case ".webmanifest":
		f.kind = "application/manifest+json"
	case ".woff2":
		f.kind = "font/woff2"
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is valid
	_, _ = z.Write(body)                                       // into memory
	_ = z.Close()
	if packed.Len() < len(body)*9/10 {
		f.small = packed.Bytes()
	}
	return f
}
