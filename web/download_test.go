package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// file gives a message a file as a sender describes it.
func file(t *testing.T, db *pg.DB, message, name, kind, cid string, content []byte) (id int64) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		id, err = pg.One[int64](t.Context(), tx, `
			INSERT INTO message_file (message_id, blob_id, name, type, size, content_id, inline, position) VALUES ($1::text::bigint, $2, $3, $4, $5, $6, $7, 9) RETURNING id`,
			message, stored(t, tx, content), name, kind, len(content), cid, cid != "")
		must(t, err)
	})
	return id
}

const (
	markup = "<script>alert(document.domain)</script>"
	drawn  = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`
)

// TestNothingOfAStrangersIsShownAsItSays sends files under types and names that browsers would run, as attachments and as pictures of a text (RELIABILITY C3): an
// attachment is a download of octets, a picture is one that we decode, and both lie in a sandbox.
func TestNothingOfAStrangersIsShownAsItSays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	b := s.as(insider)
	var gifs, jpegs, pngs bytes.Buffer
	dot := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Gray{}})
	must(t, gif.Encode(&gifs, dot, nil))
	must(t, jpeg.Encode(&jpegs, dot, nil))
	must(t, png.Encode(&pngs, dot))
	after := func(picture []byte) []byte { return append(slices.Clone(picture), markup...) }
	for i, c := range []struct {
		name, kind string
		content    []byte
		shown      string // the type of the picture, "" for none
	}{
		{"a.html", "text/html", []byte(markup), ""}, {"a.html", "text/html; charset=utf-7", []byte(markup), ""}, {"a.htm", "TEXT/HTML", []byte(markup), ""},
		{"a.xhtml", "application/xhtml+xml", []byte(markup), ""}, {"a.svg", "image/svg+xml", []byte(drawn), ""}, {"a.png", "image/svg+xml", []byte(drawn), ""},
		{"a.svg", "image/svg+xml; x", []byte(drawn), ""}, {"a.svg", "image/svg+xml;charset=utf-8", []byte(drawn), ""}, {"a.png", "image/png", []byte(drawn), ""},
		{"a.png", "image/png\t", []byte(markup), ""}, {"a.svgz", "image/svg+xml", []byte("\x1f\x8b"), ""}, {"a.xml", "text/xml", []byte(drawn), ""},
		{"a.xml", "application/xml", []byte(drawn), ""}, {"a.xsl", "text/xsl", []byte(drawn), ""}, {"a.rdf", "application/rdf+xml", []byte(drawn), ""},
		{"a.js", "text/javascript", []byte("alert(1)"), ""}, {"a.mjs", "application/javascript", []byte("alert(1)"), ""}, {"a.css", "text/css", []byte("*{}"), ""},
		{"a.pdf", "application/pdf", []byte("%PDF-1.7"), ""}, {"a.swf", "application/x-shockwave-flash", []byte("FWS"), ""}, {"a.jar", "application/java-archive", []byte("PK"), ""},
		{"a.mht", "message/rfc822", []byte("MIME-Version: 1.0\n"), ""}, {"a.eml", "message/rfc822", []byte("From: x\n\n" + markup), ""}, {"a.hta", "application/hta", []byte(markup), ""},
		{"a.wasm", "application/wasm", []byte("\x00asm"), ""}, {"a.manifest", "text/cache-manifest", []byte("CACHE MANIFEST\n"), ""}, {"a.txt", "text/plain", []byte(markup), ""},
		{"a", "", []byte(markup), ""}, {"a.png", "multipart/x-mixed-replace", []byte(markup), ""}, {"a.png", "text/html\r\nX-Evil: 1", []byte(markup), ""},
		{"a.bmp", "image/bmp", []byte("BM"), ""}, {"a.ico", "image/x-icon", []byte{0, 0, 1, 0}, ""}, {"a.avif", "image/avif", []byte("....ftypavif"), ""},
		{"a.png", "image/*", []byte(markup), ""}, {"a.gif", "image/gif", []byte("GIF89a" + markup), ""}, {"a.html", "text/html", pngs.Bytes(), "image/png"},
		{"a.svg", "image/svg+xml", gifs.Bytes(), "image/gif"}, {"a.html", "text/html", jpegs.Bytes(), "image/jpeg"}, {"a.png", "image/png", after(pngs.Bytes()), "image/png"},
		{"a.gif", "image/gif", after(gifs.Bytes()), "image/gif"}, {"a.jpg", "image/jpeg", after(jpegs.Bytes()), "image/jpeg"}, {"a.js", "text/javascript", append([]byte("GIF89a="), gifs.Bytes()[7:]...), "image/gif"},
	} {
		cid := fmt.Sprintf("c%d@x", i)
		id := file(t, db, all["messages"], c.name, c.kind, cid, c.content)
		for _, path := range []string{fmt.Sprintf("/attachments/%d/%s", id, c.name), fmt.Sprintf("/attachments/%d/x.html", id), "/messages/" + all["messages"] + "/parts/" + cid} {
			a := b.get(path)
			h, picture := a.Header, strings.Contains(path, "/parts/")
			what := fmt.Sprintf("%s as %q at %s", c.name, c.kind, path)
			if picture && c.shown == "" && a.StatusCode == http.StatusNotFound {
				continue
			}
			if a.StatusCode != http.StatusOK || a.body != string(c.content) {
				t.Errorf("%s: %s, %d bytes of %d", what, a.Status, len(a.body), len(c.content))
			}
			kind, way := "application/octet-stream", "attachment"
			if picture {
				kind, way = c.shown, "inline"
			}
			if h.Get("Content-Type") != kind && !(picture && c.shown == "" && strings.HasPrefix(h.Get("Content-Type"), "image/gif")) || !strings.HasPrefix(h.Get("Content-Disposition"), way) {
				t.Errorf("%s: %q, %q", what, h.Get("Content-Type"), h.Get("Content-Disposition"))
			}
			if h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Evil") != "" {
				t.Errorf("%s: %v", what, h)
			}
		}
	}
}

// hostileNames are file names that would leave their folder, their line, or their kind.
var hostileNames = []string{
	"../../etc/passwd", `..\..\windows\win.ini`, "/etc/passwd", `C:\boot.ini`, `\\evil.test\share\x`, "..", ".", "", " ", "...", ".htaccess", "..htaccess", ".\u200bhtaccess", "\u200b.htaccess",
	"\ufeff.htaccess", "a\u200b.php", "a.php\u200b", "a.php.", "a.php ", "a.php::$DATA", "a.php%00.png", "%2e%2e%2fpasswd", "..%2f..%2fpasswd", "..%5cpasswd", "a;b.txt", `a"b.txt`, `a\"b.txt`,
	`a"; filename="b.html`, "a'; filename*=UTF-8''b.html", "a\r\nSet-Cookie: x=1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n\r\n<script>", "a\u2028X-Evil: 1", "a\u2029b", "a\u0085b", "a\x00.txt", "a\tb", "a\x1b[31mb", "a\x7fb",
	"invoice\u202egpj.exe", "a\u2066b\u2069", "a\u00adb", "CON", "NUL.txt", "aux.png", "COM1", "a*?.txt", "a<script>.txt", "a|b", "a:b", strings.Repeat("a", 4096) + ".txt", strings.Repeat("ż", 2000),
	strings.Repeat("../", 500) + "x", "\xff\xfe.txt", "a\xc0\xaf.txt", "=?utf-8?q?a=0D=0AX-Evil:1?=", "utf-8''a.html", "Zdjęcie 1.jpg", "報告.pdf", "😀.png", "a%b.txt", "a'b.txt", "é.txt", "a\\", "a/", "-rf", "--help", "~", "~/x", "$(id)", "`id`", "a b  c.txt", "x.tar.gz",
}

// TestHostileFileNamesKeepToTheirHeader downloads files under such names (RELIABILITY C4, RFC 6266): one header, the same others as ever, and a name that two
// readers understand alike and that leads nowhere.
func TestHostileFileNamesKeepToTheirHeader(t *testing.T) {
	t.Parallel()
	if len(hostileNames) < 60 {
		t.Fatalf("%d names", len(hostileNames))
	}
	db := pgtest.New(t)
	staffed(t, db)
	all := made(t, db, inbox(t, db))
	b := start(t, db).as(insider)
	plain := b.get("/attachments/" + all["attachments"] + "/a.txt")
	for _, name := range hostileNames {
		header := disposition(name) // what the database cannot hold is asked for here
		if kept := strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "\uFFFD"); kept == name {
			id := file(t, db, all["messages"], name, "text/plain", "", []byte("x"))
			a := b.get(fmt.Sprintf("/attachments/%d/%s", id, url.PathEscape("x"+strings.Map(func(r rune) rune { return either(r == '/' || r == '\\', '_', r) }, name[:min(len(name), 200)]))))
			if got := a.Header.Values("Content-Disposition"); a.StatusCode != http.StatusOK || len(got) != 1 || got[0] != header || len(a.Header) != len(plain.Header) || len(a.Cookies()) != 0 {
				t.Errorf("%.60q: %s %v", name, a.Status, a.Header)
			}
		}
		way, params, err := mime.ParseMediaType(header)
		_, extended, found := strings.Cut(header, "; filename*=UTF-8''")
		second, err2 := url.PathUnescape(extended)
		got := params["filename"]
		if err != nil || err2 != nil || !found || way != "attachment" || len(params) != 1 || got != second {
			t.Errorf("%.60q: two readers see %q and %q of %s (%v, %v)", name, got, second, header, err, err2)
		}
		bad := func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/\:*?"<>|`+"\u2028\u2029", r) || r == unicode.ReplacementChar
		}
		if got == "" || strings.HasPrefix(got, ".") || strings.ContainsFunc(got, bad) || len([]rune(got)) > 150 || strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%.60q became %q in %s", name, got, header)
		}
	}
	for _, name := range []string{"Zdjęcie 1.jpg", "報告.pdf", "😀.png", "a%b.txt", "a'b.txt", "x.tar.gz"} {
		if _, params, _ := mime.ParseMediaType(disposition(name)); params["filename"] != name {
			t.Errorf("%q came back as %q", name, params["filename"])
		}
	}
}

// guesses are how many numbers are tried at each place from each of two beginnings: all that the test made, and with `make evidence` ten thousand in sum.
func guesses() int {
	if os.Getenv("FRONTDESK_EVIDENCE") != "" {
		return 720
	}
	return 40
}

// TestGuessedNumbersOpenNothing tries all numbers there are, and those beyond, wherever bytes are handed out (RELIABILITY C5).
func TestGuessedNumbersOpenNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	s := start(t, db)
	second := secondQueue(t, db)
	mine := made(t, db, inbox(t, db))
	for range 3 {
		made(t, db, second)
	}
	numbers := []string{"0", "-1", "01", "+1", "1e1", "0x1", "1.0", "1%00", "2147483648", "9223372036854775807", "9223372036854775808", "99999999999999999999", "null", "%27", "1%20OR%201=1"}
	for i := range guesses() {
		numbers = append(numbers, fmt.Sprint(i+1), fmt.Sprint(100001+i))
	}
	guesser, nobody := s.as(colleague), s.browser()
	for _, c := range []struct{ path, kind string }{
		{"/attachments/%s/a.txt", "attachments"}, {"/messages/%s/source", "messages"}, {"/messages/%s/body", "messages"}, {"/messages/%s/parts/pic@x", "messages"}, {"/inbound/%s/source", "bounce"},
		{"/tickets/" + mine["tickets"] + "/drafts/reply/files/%s", ""}, {"/tickets/" + mine["tickets"] + "/drafts/comment/files/%s", ""},
	} {
		opened := 0
		for _, n := range numbers {
			path := fmt.Sprintf(c.path, n)
			if a := guesser.serve(guesser.request(t.Context(), http.MethodGet, path, nil)); a.StatusCode != http.StatusNotFound {
				opened++
				seen, err := pg.One[bool](t.Context(), db, `
					SELECT EXISTS (SELECT FROM message WHERE ticket_id = $1::text::bigint AND id = $2::text::bigint)
						OR EXISTS (SELECT FROM message_file f JOIN message m ON m.id = f.message_id WHERE m.ticket_id = $1::text::bigint AND f.id = $2::text::bigint)
						OR $3 = 'bounce'`, mine["tickets"], n, c.kind)
				if c.kind == "" || err != nil || !seen {
					t.Errorf("%s: %s", path, a.Status)
				}
			}
			if a := nobody.serve(nobody.request(t.Context(), http.MethodGet, path, nil)); a.StatusCode != http.StatusSeeOther || len(a.body) > 200 {
				t.Errorf("nobody at %s: %s", path, a.Status)
			}
		}
		if (opened == 0) != (c.kind == "") {
			t.Errorf("%s: %d opened", c.path, opened)
		}
	}
}
