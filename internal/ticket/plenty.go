package ticket

import (
	"fmt"
	"maps"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// plenty tells of piles of tickets, by their names, before which event they surely hold more than is counted. Nothing leaves a pile without an event,
// and each has a number of its own: N tickets become as few as the cap only after N less the cap of them. Half of that is left to changes that were
// under way while the pile was counted. So what grows with a desk is counted once in so many events, not for every page; each process keeps it.
type plenty map[string]int64

// deep is where the counting of a pile ends.
const deep = 10*CountCap + 1

// knownPlenty is what the process keeps, nothing for who may read no ticket.
func knownPlenty(r pg.Reader, by agent.Agent) plenty {
	if p := pg.Kept[plenty](r).Load(); p != nil && by.Can(agent.TicketRead) {
		return *p
	}
	return nil
}

// note keeps what piles were counted when now was the last event.
func (p plenty) note(r pg.Reader, now int64, piles map[string]int) {
	var next plenty
	for name, n := range piles {
		if until := now + int64(n-CountCap)/2; n > CountCap+1 && until > p[name] {
			if next == nil {
				next = plenty{}
				maps.Copy(next, p)
			}
			next[name] = until
		}
	}
	if next != nil {
		pg.Kept[plenty](r).Store(&next) // what somebody else noted meanwhile is counted once more
	}
}

// seenPile names the pile of a view: what a reader sees of it.
func seenPile(v View, by agent.Agent) string {
	if by.Can(agent.QueueAll) {
		return string(v)
	}
	return queuePile(v, by.Queues...)
}

// queuePile names the pile of a view in some queues.
func queuePile(v View, queues ...int64) string { return fmt.Sprint(v, queues) }

// orPlenty counts a pile unless it is known to hold plenty before the event until. It stands where eventNow does.
func orPlenty(until, count string) string {
	return `CASE WHEN now < ` + until + ` THEN ` + uncapped + ` ELSE ` + count + ` END`
}

// eventNow is a table of one row: now is the number of the last event.
const eventNow = `(SELECT last_value AS now FROM event_id_seq)`
