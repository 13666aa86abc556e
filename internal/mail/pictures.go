package mail

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// ShowRemote puts the remote pictures of cleaned HTML back, over https only:
// the message frame allows nothing else. For one answer, after a click.
func ShowRemote(cleaned string) string {
	return editTags(cleaned, func(token *html.Token) {
		for i, a := range token.Attr {
			switch a.Key {
			case "data-remote-src", "data-remote-background":
				token.Attr[i].Key = strings.TrimPrefix(a.Key, "data-remote-")
				if rest, ok := strings.CutPrefix(a.Val, "http://"); ok {
					token.Attr[i].Val = "https://" + rest
				}
			}
		}
	})
}

// ResolveCID gives the pictures within the mail their addresses. find is
// asked for every Content-ID, without "cid:" and decoded; a picture it does
// not know loses its src and shows its alternative text.
func ResolveCID(cleaned string, find func(cid string) (address string, ok bool)) string {
	return editTags(cleaned, func(token *html.Token) {
		kept := token.Attr[:0]
		for _, a := range token.Attr {
			if cid, ok := strings.CutPrefix(a.Val, "cid:"); ok && a.Key == "src" {
				if plain, err := url.PathUnescape(cid); err == nil {
					cid = plain
				}
				address, known := find(cid)
				if !known {
					continue
				}
				a.Val = address
			}
			kept = append(kept, a)
		}
		token.Attr = kept
	})
}

// editTags rewrites the attributes of tags that carry a picture and copies
// everything else as it stands.
func editTags(cleaned string, edit func(*html.Token)) string {
	if !strings.Contains(cleaned, "cid:") && !strings.Contains(cleaned, "data-remote-") {
		return cleaned
	}
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(cleaned))
	for z.Next() != html.ErrorToken {
		raw := z.Raw()
		if raw[0] != '<' || !bytes.Contains(raw, []byte("cid:")) && !bytes.Contains(raw, []byte("data-remote-")) {
			out.Write(raw)
			continue
		}
		token := z.Token()
		edit(&token)
		out.WriteString(token.String())
	}
	return out.String()
}
