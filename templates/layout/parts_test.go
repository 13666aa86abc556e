package layout

import "testing"

func TestTheTitleCountsToNinetyNine(t *testing.T) {
	t.Parallel()
	for fresh, want := range map[int]string{0: "Mine · Frontdesk", 7: "(7) Mine · Frontdesk", 99: "(99) Mine · Frontdesk", 100: "(99+) Mine · Frontdesk", 200: "(99+) Mine · Frontdesk"} {
		if got := (Shell{Title: "Mine", Fresh: fresh}).title(); got != want {
			t.Errorf("%d fresh ones: the title is %q, want %q", fresh, got, want)
		}
	}
}
