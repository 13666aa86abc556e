package ui

import (
	"context"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"frontdesk/internal/text"
)

// kept draws parts of one kind that look the same wherever they stand and that a page has many of: once for each value and language, then it writes
// what was drawn. Values are what the desk calls things, so they are few; a store that grew beyond them begins anew.
type kept[V comparable] struct {
	draw func(V) templ.Component

	mu    sync.RWMutex
	drawn map[spoken[V]]string
}

// spoken is a value in a language.
type spoken[V comparable] struct {
	value V
	lang  string
}

const mostKept = 10_000

func keep[V comparable](draw func(V) templ.Component) *kept[V] {
	return &kept[V]{draw: draw, drawn: map[spoken[V]]string{}}
}

// of is the part of a value.
func (k *kept[V]) of(value V) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		what := spoken[V]{value, text.From(ctx).Lang}
		k.mu.RLock()
		drawn, ok := k.drawn[what]
		k.mu.RUnlock()
		if !ok {
			var b strings.Builder
			if err := k.draw(value).Render(ctx, &b); err != nil {
				return err
			}
			drawn = b.String()
			k.store(what, drawn)
		}
		_, err := io.WriteString(w, drawn)
		return err
	})
}

// Same is a part that is the same on all pages of a language.
func Same(draw func() templ.Component) templ.Component {
	return keep(func(struct{}) templ.Component { return draw() }).of(struct{}{})
}

func (k *kept[V]) store(what spoken[V], drawn string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.drawn) >= mostKept {
		clear(k.drawn)
	}
	k.drawn[what] = drawn
}

// The parts that are kept, and how each is drawn (ui.templ).
var (
	statuses   = keep(status)
	priorities = keep(priority)
	people     = keep(person)
	options    = keep(option)
	signs      = keep(drawSign)
)

// ShowStatus is a status with its shape.
func ShowStatus(s Status) templ.Component { return statuses.of(s) }

// ShowPriority is a priority with its bars.
func ShowPriority(p Priority) templ.Component { return priorities.of(p) }

// ShowPerson is an agent, or that there is none.
func ShowPerson(p Person) templ.Component { return people.of(p) }
