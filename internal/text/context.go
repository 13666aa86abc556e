package text

import (
	"context"
	"encoding/json"
	"strings"
)

type readerKey struct{}

// With is ctx for a reader; the web sets it once for a request, templates read it.
func With(ctx context.Context, l *Local) context.Context {
	return context.WithValue(ctx, readerKey{}, l)
}

// From is the reader of ctx, English in UTC where none was set.
func From(ctx context.Context) *Local {
	if l, ok := ctx.Value(readerKey{}).(*Local); ok {
		return l
	}
	return For("en")
}

// T is From(ctx).T.
func T(ctx context.Context, key Key, args ...any) string { return From(ctx).T(key, args...) }

// N is From(ctx).N.
func N(ctx context.Context, key Key, n int, args ...any) string { return From(ctx).N(key, n, args...) }

// FormsJSON is From(ctx).Forms for a data attribute.
func FormsJSON(ctx context.Context, key Key) string {
	b, err := json.Marshal(From(ctx).Forms(key))
	if err != nil { // a map of strings always encodes
		panic(err)
	}
	return string(b)
}

// Named is the name of a piece of furniture: as somebody called it, or for shipped ones (":waiting") in the reader's language.
func (l *Local) Named(name string) string {
	if key, ok := strings.CutPrefix(name, ":"); ok {
		return l.T(Key("name." + key))
	}
	return name
}
