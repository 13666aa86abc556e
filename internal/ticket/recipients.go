package ticket

import (
	"context"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

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
			a, err := netmail.ParseAddress(one)
			if err != nil || !plausible(a.Address) {
				bad[field.name] = fault.Because(text.RefusalAddressWrong, "address", clip(one, 80))
				continue
			}
			address := mail.NormalAddress(a.Address)
			if !slices.ContainsFunc(out, func(x outbox.Recipient) bool { return x.Address == address }) {
				out = append(out, outbox.Recipient{Address: address, Display: clip(oneLine(a.Name), 200), Kind: field.name})
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

// split cuts a typed list at commas, semicolons and line ends outside quotes and angle brackets.
func split(s string) []string {
	quoted := false
	return slices.DeleteFunc(strings.FieldsFunc(s, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return !quoted && (c == ',' || c == ';' || c == '\n' || c == '\r')
	}), func(one string) bool { return strings.TrimSpace(one) == "" })
}

// plausible asks for a domain with a dot or a literal, and nothing that could end a line of the SMTP conversation.
func plausible(address string) bool {
	_, domain, ok := strings.Cut(address, "@")
	return ok && len(address) <= 320 && strings.ContainsAny(domain, ".[") && !strings.ContainsAny(address, " \r\n\t\x00<>")
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
