package intake

import (
	"testing"
	"time"
)

func TestWhatIsNotHandedOutIsAskedForAgainAtLeastEveryHour(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for failures, rest := range map[int]time.Duration{1: 0, 2: 0, 3: time.Minute, 4: 2 * time.Minute, 8: 32 * time.Minute, 9: time.Hour, 1000: time.Hour} {
		r := refusal{failures: failures, last: now}
		if rest > 0 && !r.restsAt(now.Add(rest-time.Second)) || r.restsAt(now.Add(rest)) {
			t.Errorf("after %d failures it does not rest for %s", failures, rest)
		}
	}
}

// RestLongest is as if all that was refused so far had been refused a thousand times.
func (in *Intake) RestLongest() {
	in.withheld.mu.Lock()
	defer in.withheld.mu.Unlock()
	for k, r := range in.withheld.of {
		in.withheld.of[k] = refusal{1000, time.Now(), r.said, r.large}
	}
}
