package mail

import (
	"net/url"
	"regexp"
	"strings"
)

// pictureURL accepts what needs no connection: a part of the mail (cid:) or
// a picture in the attribute itself. SVG is no picture here, it may script.
func pictureURL(raw string) string {
	raw = strings.TrimSpace(raw)
	if len(raw) > 4 && strings.EqualFold(raw[:4], "cid:") {
		cid := raw[4:]
		if len(cid) > 500 || !cidForm.MatchString(cid) {
			return ""
		}
		return "cid:" + cid
	}
	if len(raw) < 11 || !strings.EqualFold(raw[:11], "data:image/") {
		return ""
	}
	kind, data, ok := strings.Cut(raw, ",")
	if !ok || !dataForm.MatchString(kind) {
		return ""
	}
	data = base64Only(data)
	if data == "" {
		return ""
	}
	return strings.ToLower(kind) + "," + data
}

var (
	cidForm  = regexp.MustCompile(`^[^\s"'<>\\^{}|\x60\x00-\x20\x7f]+$`)
	dataForm = regexp.MustCompile(`^(?i:data:image/(?:png|jpe?g|gif|webp);base64)$`)
)

// base64Only removes blanks; "" when anything else is not base64.
func base64Only(data string) string {
	blank := false
	for _, c := range []byte(data) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/', c == '=':
		case c == ' ', c == '\n', c == '\r', c == '\t':
			blank = true
		default:
			return ""
		}
	}
	if blank {
		data = strings.NewReplacer(" ", "", "\n", "", "\r", "", "\t", "").Replace(data)
	}
	return data
}

// remoteURL accepts the address of a picture on the web.
func remoteURL(raw string) string {
	link := linkURL(raw)
	if strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "https://") {
		return link
	}
	return ""
}

// linkURL gives an address that may be clicked, or "": absolute, and http,
// https, mailto or tel (RELIABILITY section 7, 1.2.2).
func linkURL(raw string) string {
	raw = stripBlanks(raw)
	switch {
	case len(raw) > 8000:
		return ""
	case strings.HasPrefix(raw, "//"):
		raw = "https:" + raw
	case len(raw) > 4 && strings.EqualFold(raw[:4], "www."):
		raw = "https://" + raw
	}
	u, err := url.Parse(badPercent.ReplaceAllString(raw, "%25$1"))
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "mailto", "tel":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	return u.String()
}

var badPercent = regexp.MustCompile(`%([^0-9a-fA-F]|[0-9a-fA-F][^0-9a-fA-F]|[0-9a-fA-F]?$)`)

// stripBlanks removes what browsers remove from URLs before they read the
// scheme: blanks and controls around, tabs and line ends anywhere.
func stripBlanks(raw string) string {
	raw = strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' || isBlankRune(r) })
	raw = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, raw)
	return strings.ReplaceAll(raw, " ", "%20")
}
