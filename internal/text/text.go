// Package text is every word a person sees, in English, Polish and German.
//
// The words stand in catalogue/<area>.<language>.toml; a key there, `subject` in ticket.en.toml, is the
// constant TicketSubject here (go generate makes keys_gen.go from the English files). Placeholders are
// {{.name}}; a message that counts is a table of plural forms and shows {{.count}}.
//
// A handler puts the reader into the context once, With(ctx, For("pl").In(zone)); a template then says
// { text.T(ctx, text.TicketSubject) } and needs no parameter for it. Code that builds view models takes
// the *Local itself.
package text

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:generate go run ./keygen

//go:embed catalogue/*.toml
var catalogue embed.FS

// Key names one message. Only keys_gen.go makes them.
type Key string

// Languages are the codes a person can choose, the one in which everything is complete by construction first.
var Languages = []string{"en", "pl", "de"}

// Name is a language's name in itself.
func Name(lang string) string {
	switch lang {
	case "pl":
		return "Polski"
	case "de":
		return "Deutsch"
	default:
		return "English"
	}
}

// Local is a reader: a language and a time zone. It is immutable and safe for concurrent use.
type Local struct {
	Lang  string // "en", "pl" or "de"
	zone  *time.Location
	loc   *i18n.Localizer
	plain map[Key][]part // messages that do not count, cut at their placeholders: by far the most, and many on a page
	forms map[Key]map[string]string
	word  dateWords
}

// For is the reader of lang, in UTC; an unknown language reads English.
func For(lang string) *Local {
	all := readers()
	if l, ok := all[lang]; ok {
		return l
	}
	return all["en"]
}

// Match is the language that suits an Accept-Language header best.
func Match(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return "en"
	}
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.Polish, language.German}).Match(tags...)
	return Languages[i]
}

// In is the same reader in another time zone; nil means UTC.
func (l *Local) In(zone *time.Location) *Local {
	if zone == nil {
		zone = time.UTC
	}
	c := *l
	c.zone = zone
	return &c
}

// T is the message of key. args are pairs of a placeholder's name and its value:
//
//	l.T(text.CardSentTo, "address", text.Strong(to))
//
// A key without a message shows itself; a test sees to it that there is none.
func (l *Local) T(key Key, args ...any) string {
	args = l.sized(args)
	if parts, ok := l.plain[key]; ok {
		return fill(parts, args)
	}
	return l.localize(&i18n.LocalizeConfig{MessageID: string(key), TemplateData: data(args)})
}

// part is a run of words, or the name of a value.
type part struct{ words, name string }

var hole = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func cut(message string) []part {
	var parts []part
	at := 0
	for _, m := range hole.FindAllStringSubmatchIndex(message, -1) {
		parts = append(parts, part{words: message[at:m[0]], name: message[m[2]:m[3]]})
		at = m[1]
	}
	return append(parts, part{words: message[at:]})
}

// fill puts the values into their places; a value nobody gave leaves its place empty.
func fill(parts []part, args []any) string {
	if len(parts) == 1 {
		return parts[0].words
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.words)
		for i := 0; p.name != "" && i+1 < len(args); i += 2 {
			if args[i] == p.name {
				b.WriteString(said(args[i+1]))
				break
			}
		}
	}
	return b.String()
}

// said is a value as a message holds it.
func said(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return fmt.Sprint(value)
}

// N is the message of key in the plural form that n takes; {{.count}} is n, grouped, unless args say how it is printed.
func (l *Local) N(key Key, n int, args ...any) string {
	d := data(append([]any{"count", l.Number(int64(n))}, args...))
	return l.localize(&i18n.LocalizeConfig{MessageID: string(key), PluralCount: n, TemplateData: d})
}

func (l *Local) localize(c *i18n.LocalizeConfig) string {
	s, err := l.loc.Localize(c)
	if err != nil && s == "" {
		return c.MessageID
	}
	return s
}

// Forms are the plural forms of key for a script that counts (Intl.PluralRules names them the same way), {n} for the number.
func (l *Local) Forms(key Key) map[string]string {
	forms := make(map[string]string, 4)
	for form, s := range l.forms[key] {
		forms[form] = strings.ReplaceAll(s, "{{.count}}", "{n}")
	}
	return forms
}

func pluralForms(m *i18n.Message) map[string]string {
	forms := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	for form, s := range forms {
		if s == "" {
			delete(forms, form)
		}
	}
	return forms
}

func data(args []any) map[string]any {
	d := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		d[fmt.Sprint(args[i])] = args[i+1]
	}
	return d
}

// readers loads the catalogues once. They are part of the program, so a fault in them is a fault of the build.
var readers = sync.OnceValue(func() map[string]*Local {
	bundle := i18n.NewBundle(language.English)
	all := make(map[string]*Local, len(Languages))
	for _, lang := range Languages {
		all[lang] = &Local{Lang: lang, zone: time.UTC, loc: i18n.NewLocalizer(bundle, lang), plain: map[Key][]part{}, forms: map[Key]map[string]string{}, word: words[lang]}
	}
	err := eachMessage(func(lang string, m *i18n.Message) error {
		if m.One == "" && m.Few == "" && m.Many == "" {
			all[lang].plain[Key(m.ID)] = cut(m.Other)
		}
		all[lang].forms[Key(m.ID)] = pluralForms(m)
		return bundle.AddMessages(language.MustParse(lang), m)
	})
	if err != nil {
		panic(err)
	}
	return all
})

// eachMessage reads every catalogue; the id of a message is its area, a dot, its key.
func eachMessage(f func(lang string, m *i18n.Message) error) error {
	files, err := catalogue.ReadDir("catalogue")
	if err != nil {
		return err
	}
	for _, file := range files {
		name := path.Join("catalogue", file.Name())
		bytes, err := catalogue.ReadFile(name)
		if err != nil {
			return err
		}
		parsed, err := i18n.ParseMessageFileBytes(bytes, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		area, _, _ := strings.Cut(file.Name(), ".")
		for _, m := range parsed.Messages {
			m.ID = area + "." + m.ID
			if err := f(parsed.Tag.String(), m); err != nil {
				return fmt.Errorf("%s in %s: %w", m.ID, name, err)
			}
		}
	}
	return nil
}
