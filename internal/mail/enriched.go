package mail

import (
	"regexp"
	"strings"
)

// enrichedPiece is a piece of text/enriched: a sign, a command, line ends, words.
var enrichedPiece = regexp.MustCompile(`^(?:<<|<(/?)([a-zA-Z0-9-]{1,60})>|\n+|<|[^<\n]+)`)

// unenrich reads the words of text/enriched (RFC 1896) and of the
// text/richtext before it (RFC 1341): lines are joined where one end stands,
// commands say only how it looks.
func unenrich(s string) string {
	var out strings.Builder
	within := map[string]int{} // commands that are open
	for s != "" {
		m := enrichedPiece.FindStringSubmatch(s)
		s = s[len(m[0]):]
		command := strings.ToLower(m[2])
		switch command {
		case "param", "comment", "nofill":
			if m[1] == "" {
				within[command]++
			} else if within[command] > 0 {
				within[command]--
			}
			continue
		}
		switch ends := strings.Count(m[0], "\n"); {
		case within["param"]+within["comment"] > 0:
		case m[0] == "<<", command == "lt":
			out.WriteByte('<')
		case command == "nl":
			out.WriteByte('\n')
		case command != "":
		case ends == 1 && within["nofill"] == 0:
			out.WriteByte(' ')
		case ends > 1 && within["nofill"] == 0:
			out.WriteString(m[0][1:])
		default:
			out.WriteString(m[0])
		}
	}
	return out.String()
}
