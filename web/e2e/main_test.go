// Package e2e walks through the product as people do: the plain binary, real mail servers, a real browser.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "frontdesk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the program in it is run by others too
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workshop = dir
	code := m.Run()
	stopChromium()
	os.RemoveAll(dir)
	os.Exit(code)
}

// workshop is the directory of this run: the program, the browser's profile.
var workshop string

// program is the path of the plain binary, built once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workshop, "frontdesk")
	build := exec.Command("go", "build", "-o", path, "frontdesk/cmd/frontdesk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

var errNoChromium = errors.New("Chromium is missing: apt-get install -y --no-install-recommends chromium-headless-shell, or name it in FRONTDESK_CHROMIUM") //nolint:staticcheck // a name

var closers []func()

// chromium is the one browser of all tests; each of them has a context of its own in it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-US"),
		// Pages look the same on every machine: letters are neither hinted nor set in colours.
		chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("disable-lcd-text", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"), // nothing leaves this machine
		chromedp.UserDataDir(filepath.Join(workshop, "chromium")), chromedp.WindowSize(1440, 900), chromedp.WSURLReadTimeout(time.Minute))
	outside, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(outside)
	closers = append(closers, stopBrowser, stop)
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	return ctx, nil
})

func stopChromium() {
	for _, stop := range closers {
		stop()
	}
}

// findChromium looks for the browser without a window first: it takes two thirds of the time, for it draws no bars of its own around each page, and
// sets letters as the gallery's pictures have them.
func findChromium() (string, error) {
	for _, name := range []string{os.Getenv("FRONTDESK_CHROMIUM"), "chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoChromium
}

// places bounds how many journeys go on at a time: each has servers of its own.
var places = make(chan struct{}, 2)

// journey waits for a place and for the browser. Without Chromium the test is skipped, in CI it fails.
func journey(t *testing.T) {
	t.Helper()
	t.Parallel()
	places <- struct{}{}
	t.Cleanup(func() { <-places })
	_, err := chromium()
	switch {
	case errors.Is(err, errNoChromium) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}
