package intake

import (
	"regexp"
	"strconv"
)

// A ticket's number in the subject, as our letters carry it: [#100001].
var subjectTag = regexp.MustCompile(`\[#([1-9][0-9]{5,17})\]`)

// tagIn is the last such number in a subject, 0 when there is none: answers put their own in front.
func tagIn(subject string) int64 {
	all := subjectTag.FindAllStringSubmatch(subject, -1)
	if len(all) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(all[len(all)-1][1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
