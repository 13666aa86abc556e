package static

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/png" // the icons
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func get(path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestTheStyleSheetIsOneAnswer(t *testing.T) {
	t.Parallel()
	w := get(Path("css/frontdesk.css"))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if strings.Contains(w.Body.String(), "@import") {
		t.Error("an import is left")
	}
	for _, name := range []string{"tokens", "base", "layout", "components", "utilities"} {
		if !strings.Contains(w.Body.String(), "@layer "+name+" {") {
			t.Errorf("layer %s is missing", name)
		}
	}
}

// Who has their browser write larger gets a page that is larger as a whole: only lines are measured in pixels, and no condition is.
func TestThePageGrowsWithTheLetters(t *testing.T) {
	t.Parallel()
	sheet := get(Path("css/frontdesk.css")).Body.String()
	if fixed := regexp.MustCompile(`[^.\d](?:[3-9]|\d{2,})(?:\.\d+)?px`).FindAllString(sheet, -1); len(fixed) > 0 {
		t.Errorf("these stay as they are: %s", fixed)
	}
	if !strings.Contains(sheet, "html { font: var(--w-text) 100%/1") {
		t.Error("the letters of the page are not those of the browser")
	}
}

func TestEveryStyleFileIsPartOfTheSheet(t *testing.T) {
	t.Parallel()
	entry, err := os.ReadFile("css/frontdesk.css")
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob("css/components/*.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !bytes.Contains(entry, []byte(`@import url("components/`+filepath.Base(name)+`");`)) {
			t.Errorf("%s is not imported", name)
		}
	}
}

func TestOnlyTheTokensKnowAColour(t *testing.T) {
	t.Parallel()
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`)
	found, err := filepath.Glob("css/components/*.css")
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"#fff": true, "#000": true} // the white sheet of a mail, the mask of a fade
	for _, name := range found {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range colour.FindAllString(string(body), -1) {
			if !allowed[c] {
				t.Errorf("%s names %s", name, c)
			}
		}
	}
}

func TestAnAddressWithTheHashIsKeptForEver(t *testing.T) {
	t.Parallel()
	if got := get(Path("js/app.js")).Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Error(got)
	}
	if got := get("/static/older/js/app.js").Header().Get("Cache-Control"); got != "no-cache" {
		t.Error(got)
	}
	first := get("/static/older/js/app.js")
	if got := get("/static/older/js/app.js", "If-None-Match", first.Header().Get("ETag")); got.Code != http.StatusNotModified || got.Body.Len() > 0 {
		t.Errorf("%d, %d bytes", got.Code, got.Body.Len())
	}
}

func TestAnswersAreSmallForWhoeverTakesThem(t *testing.T) {
	t.Parallel()
	w := get(Path("vendor/htmx.min.js"), "Accept-Encoding", "gzip, br")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 20_000 {
		t.Errorf("%s, %d bytes", w.Header().Get("Content-Encoding"), w.Body.Len())
	}
}

// The face the pages are set in is ours, so that no system and no foreign host decides how wide they are.
func TestTheFaceIsServed(t *testing.T) {
	t.Parallel()
	sheet := get(Path("css/frontdesk.css")).Body.String()
	for _, name := range []string{"vendor/inter-latin.woff2", "vendor/inter-latin-ext.woff2"} {
		if w := get(Path(name)); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "font/woff2" || w.Body.Len() > 90_000 {
			t.Errorf("%s: %d %s, %d bytes", name, w.Code, w.Header().Get("Content-Type"), w.Body.Len())
		}
		if !strings.Contains(sheet, `url("../`+name+`")`) {
			t.Errorf("no rule names %s", name)
		}
	}
}

func TestOnlyWhatABrowserNeedsIsServed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vendor/lock.json", "vendor/refresh", "vendor/lucide/x.svg", "icons/own.svg", "static.go", "../go.mod", "js", ""} {
		if w := get(Path(name)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Modules import each other by relative paths that must exist.
func TestEveryImportOfAModuleIsMet(t *testing.T) {
	t.Parallel()
	from := regexp.MustCompile(`from "([^"]+)"`)
	modules, err := filepath.Glob("js/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range modules {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range from.FindAllStringSubmatch(string(body), -1) {
			if _, err := os.Stat(filepath.Join("js", m[1])); err != nil {
				t.Errorf("%s imports %s", name, m[1])
			}
		}
	}
}

func TestEveryVendoredFileStandsInTheLockWithItsLicence(t *testing.T) {
	t.Parallel()
	var lock []struct {
		Name, Version, Licence, Integrity, Icons string
		Files                                    map[string]string
	}
	body, err := os.ReadFile("vendor/lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &lock); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"lock.json": true, "refresh": true, "refresh.mjs": true}
	for _, pack := range lock {
		if pack.Version == "" || pack.Licence == "" || !strings.HasPrefix(pack.Integrity, "sha512-") || pack.Files["LICENSE"] == "" {
			t.Errorf("%s is not locked", pack.Name)
		}
		for _, to := range pack.Files {
			known[to] = true
		}
		for _, icon := range strings.Fields(pack.Icons) {
			known["lucide/"+icon+".svg"] = true
		}
	}
	for name := range known {
		if _, err := os.Stat(filepath.Join("vendor", name)); err != nil {
			t.Error(err)
		}
	}
	found, err := filepath.Glob("vendor/*")
	if err != nil {
		t.Fatal(err)
	}
	icons, err := filepath.Glob("vendor/lucide/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(found, icons...) {
		if rel, _ := filepath.Rel("vendor", name); rel != "lucide" && !known[rel] {
			t.Errorf("%s is in no lock", name)
		}
	}
}

func TestTheSpriteIsFresh(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile("icons/sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"vendor", "icons"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(name)); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(dir, "spritegen")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./spritegen").CombinedOutput(); err != nil { //nolint:gosec // our own tool
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), bin) //nolint:gosec // built above
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	after, err := os.ReadFile(filepath.Join(dir, "icons/sprite.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("go generate ./static changes icons/sprite.svg")
	}
}

func TestThePagesCanBeInstalled(t *testing.T) {
	t.Parallel()
	w := get(Path("icons/frontdesk.webmanifest"))
	var manifest struct {
		Name, ID, Display string
		StartURL          string `json:"start_url"`
		Icons             []struct{ Src, Sizes, Type, Purpose string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &manifest); err != nil {
		t.Fatal(err)
	}
	if w.Header().Get("Content-Type") != "application/manifest+json" || manifest.Name == "" || manifest.StartURL != "/tickets" || manifest.Display != "standalone" {
		t.Errorf("%s: %+v", w.Header().Get("Content-Type"), manifest)
	}
	for _, icon := range manifest.Icons {
		got := get(Path("icons/" + icon.Src))
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("Content-Type"), icon.Type) {
			t.Errorf("%s: %d %s", icon.Src, got.Code, got.Header().Get("Content-Type"))
		}
		size, _, err := image.DecodeConfig(got.Body)
		if icon.Type == "image/png" && (err != nil || fmt.Sprintf("%dx%d", size.Width, size.Height) != icon.Sizes) {
			t.Errorf("%s is %dx%d, not %s (%v)", icon.Src, size.Width, size.Height, icon.Sizes, err)
		}
	}
}

// No script hears what another window says (ASVS 3.5.5): messages go through the port of the worker that shares the event stream, and nowhere else.
func TestScriptsTalkToTheirWorkerAlone(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("js/*.js")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	talk := regexp.MustCompile(`([\w.]*)\b(postMessage\(|onmessage\b|addEventListener\("message)`)
	ports := 0
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range talk.FindAllStringSubmatch(string(source), -1) {
			if m[1] != "port." && m[1] != "worker.port." {
				t.Errorf("%s: %s", f, m[0])
			}
			ports++
		}
	}
	if ports == 0 {
		t.Error("the worker is not found any more")
	}
}
