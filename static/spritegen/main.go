// Command spritegen writes icons/sprite.svg from the single icons in vendor/lucide and our own glyphs in icons/own.svg.
// It runs in static (go generate) and gives the same bytes for the same files.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

var (
	inside = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	space  = regexp.MustCompile(`\s+`)
)

func main() {
	log.SetFlags(0)
	names, err := filepath.Glob("vendor/lucide/*.svg")
	if err != nil {
		log.Fatal(err)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n<!-- lucide (ISC) and own glyphs: brand, clock-*, st-*, pr-*. Made by spritegen. -->\n")
	for _, name := range names {
		shape := content(name)
		id := strings.TrimSuffix(filepath.Base(name), ".svg")
		fmt.Fprintf(&b, "<symbol id=%q viewBox=\"0 0 24 24\">%s</symbol>\n", id, space.ReplaceAllString(shape, " "))
	}
	b.WriteString(content("icons/own.svg") + "\n</svg>\n")
	if err := os.WriteFile("icons/sprite.svg", []byte(b.String()), 0o644); err != nil { //nolint:gosec // served to everybody
		log.Fatal(err)
	}
}

func content(name string) string {
	file, err := os.ReadFile(name) //nolint:gosec // a name of this tree
	if err != nil {
		log.Fatal(err)
	}
	match := inside.FindSubmatch(file)
	if match == nil {
		log.Fatalf("%s holds no svg", name)
	}
	return strings.TrimSpace(string(match[1]))
}
