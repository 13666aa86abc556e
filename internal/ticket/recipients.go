package ticket

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// MaxRecipients is how many addresses a letter may have in To and Cc together (PRODUCT C1).
const MaxRecipients = 30

// recipients reads what stands in the To and Cc fields: addresses with or without a name, set apart by commas, semicolons or lines. Twice
// named counts once. What cannot be sent is refused beside its field.
func recipients(ctx context.Context, r pg.Reader, to, cc string) ([]outbox.Recipient, error) {
	bad := fault.Invalid{}
	var out []outbox.Recipient
	for _, field := range []struct{ name, typed string }{{"to", to}, {"cc", cc}} {
		for _, one := range split(field.typed) {
			a, ok := reachable(one, field.name, bad)
			if ok && !slices.ContainsFunc(out, func(x outbox.Recipient) bool { return x.Address == a.Address }) {
				out = append(out, outbox.Recipient{Address: a.Address, Display: clip(oneLine(a.Name), 200), Kind: field.name})
			}
		}
	}
	if !slices.ContainsFunc(out, func(x outbox.Recipient) bool { return x.Kind == "to" }) && len(bad) == 0 {
		bad["to"] = fault.Because(text.RefusalToEmpty)
	}
	if len(out) > MaxRecipients {
		bad["to"] = fault.Because(text.RefusalTooManyAddresses, "limit", MaxRecipients, "found", len(out))
	}
	if err := refuseOwn(ctx, r, out, bad); err != nil {
		return nil, err
	}
	return out, bad.Or()
}

// reachable reads one typed address; what keeps letters from it goes into bad.
func reachable(typed, field string, bad fault.Invalid) (mail.Address, bool) {
	a, ok := mail.ReadAddress(typed)
	if ok && Reachable(a.Address) {
		return a, true
	}
	why := text.RefusalAddressWrong
	if ok && strings.ContainsFunc(a.Address, func(r rune) bool { return r > unicode.MaxASCII }) {
		why = text.RefusalAddressLetters
	}
	bad[field] = fault.Because(why, "address", clip(oneLine(typed), 80))
	return a, false
}

// Reachable tells whether a letter can go to an address. A domain without a dot is taken for a slip.
func Reachable(address string) bool {
	_, ok := mail.Writable(address)
	return ok && strings.ContainsAny(address[strings.LastIndexByte(address, '@'):], ".[")
}

// split cuts a typed list at commas, semicolons and line ends outside quotes.
func split(s string) []string {
	quoted, escaped := false, false
	return slices.DeleteFunc(strings.FieldsFunc(s, func(c rune) bool {
		if c == '"' && !escaped {
			quoted = !quoted
		}
		escaped = quoted && c == '\\' && !escaped
		return !quoted && (c == ',' || c == ';' || c == '\n' || c == '\r')
	}), func(one string) bool { return strings.TrimSpace(one) == "" })
}

// refuseOwn keeps letters to our own mailboxes from going round in a circle.
func refuseOwn(ctx context.Context, r pg.Reader, list []outbox.Recipient, bad fault.Invalid) error {
	var addresses []string
	for _, x := range list {
		addresses = append(addresses, x.Address)
	}
	own, err := pg.List[string](ctx, r, `SELECT address FROM mailbox WHERE address = ANY($1)`, addresses)
	if err != nil {
		return fmt.Errorf("ask for own mailboxes: %w", err)
	}
	for _, x := range list {
		if slices.Contains(own, x.Address) {
			bad[x.Kind] = fault.Because(text.RefusalOwnAddress, "address", x.Address)
		}
	}
	return nil
}

// written is the reading form of the recipients of one kind.
func written(list []outbox.Recipient, kind string) []string {
	out := []string{}
	for _, x := range list {
		switch {
		case x.Kind != kind:
		case strings.ContainsAny(x.Display, `,;"<>@`):
			out = append(out, `"`+strings.ReplaceAll(x.Display, `"`, "")+`" <`+x.Address+">")
		case x.Display != "":
			out = append(out, x.Display+" <"+x.Address+">")
		default:
			out = append(out, x.Address)
		}
	}
	return out
}
