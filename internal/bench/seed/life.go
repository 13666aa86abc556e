package seed

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"frontdesk/internal/desk"
)

// years is how long the desk has worked.
const years = 3 * 365 * 24 * time.Hour

// life is one ticket from its first mail to its end. Messages of all tickets are told in the order of time, as they came.
type life struct {
	id       int64
	who      customer
	queue    int // index
	priority int // index
	subject  string
	tags     []int64
	category int64 // 0: none
	opened   time.Time
	at       time.Time // of the next deed
	left     int       // messages to come
	count    int       // messages so far
	quoted   int64     // number of the last letter of an agent
	last     byte      // kind of the last message: in, out, comment by first letter
	lastIn   int64
	rfc      []string // Message-IDs so far
	files    bool
	changed  time.Time
	assignee person
	replied  time.Time // first reply
	watchers []mark
	closing  bool // the next deed is the closing
	lingers  bool // nobody ever closes it
}

// mark is how far an agent has read.
type mark struct {
	agent, message int64
}

// active are the tickets with a deed to come, the next first.
type active []*life

func (a active) Len() int           { return len(a) }
func (a active) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a active) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *active) Push(x any)        { *a = append(*a, x.(*life)) }
func (a *active) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

// story tells what happened on the desk, deed by deed, to a teller.
type story struct {
	*teller
	tickets, messages int
	waiting           active
	opened, planned   int
}

// long are conversations every desk has a few of; measurements look for them.
const long, longest = 20, 500

// tell runs the desk from its first day to now. All tickets and messages asked for have happened at its end.
func (s *story) tell() error {
	start := s.now.Add(-years)
	for s.opened < s.tickets || len(s.waiting) > 0 {
		next := start.Add(time.Duration(float64(years) * daily((float64(s.opened)+.5)/float64(s.tickets))))
		if s.opened < s.tickets && (len(s.waiting) == 0 || next.Before(s.waiting[0].at)) {
			s.begin(next)
		} else {
			s.step(heap.Pop(&s.waiting).(*life))
		}
		if err := s.flush(false); err != nil {
			return err
		}
	}
	return s.flush(true)
}

// daily bends an even flow of tickets so that most come by day.
func daily(x float64) float64 {
	const days = 3 * 365
	day := float64(int(x * days))
	hour := x*days - day // even; 10 % of a day's tickets come from 22 to 6
	switch {
	case hour < .08:
		hour *= .25 / .08
	case hour < .98:
		hour = .25 + (hour-.08)*(.667/.9)
	default:
		hour = .917 + (hour-.98)*(.083/.02)
	}
	return (day + hour) / days
}

// begin opens the next ticket. The messages of all tickets together are as many as were asked for.
func (s *story) begin(at time.Time) {
	rest, open := s.messages-s.planned, s.tickets-s.opened
	var n int
	switch spare := rest - open; {
	case open == 1:
		n = rest
	case s.opened%20_000 == s.tickets/2%20_000 && spare > 2*longest:
		n = longest
	case s.opened%1000 == s.tickets/3%1000 && spare > 2*long:
		n = long
	default:
		mean := float64(spare) / float64(open)
		n = 1 + min(int(s.rnd.ExpFloat64()*mean+s.rnd.Float64()), spare, 80)
	}
	s.opened++
	s.planned += n
	l := s.newTicket(at)
	if l.left = n; n == longest {
		l.queue = 1 // where measurements look for it
	}
	s.incoming(l)
	s.next(l)
}

func (s *teller) newTicket(at time.Time) *life {
	l := &life{id: s.ticketID, who: s.crowd.writes(s.rnd), opened: at, at: at, queue: zipf(s.rnd, len(s.queues)), priority: []int{1, 1, 1, 1, 1, 0, 2, 2}[s.rnd.IntN(8)]}
	s.ticketID++
	l.subject = write(s.seed, l.id<<32, tongues[l.who.tongue]).subject()
	for s.rnd.IntN(3) == 0 && len(l.tags) < 3 {
		if t := s.tags[zipf(s.rnd, len(s.tags))]; len(l.tags) == 0 || l.tags[len(l.tags)-1] != t {
			l.tags = append(l.tags, t)
		}
	}
	if s.rnd.IntN(10) < 7 {
		l.category = s.categories[zipf(s.rnd, len(s.categories))]
	}
	l.lingers = s.rnd.IntN(60) == 0
	return l
}

// step does what is due in a ticket.
func (s *story) step(l *life) {
	switch {
	case l.closing:
		s.closed(l)
		return
	case l.last == 'o' && s.rnd.IntN(8) > 0:
		s.incoming(l)
	case l.last != 'c' && s.rnd.IntN(6) == 0:
		s.comment(l)
	default:
		s.reply(l)
	}
	s.next(l)
}

// next plans the ticket's next deed. What would lie in the future happens in the time that is left; only a closing does not happen then.
func (s *story) next(l *life) {
	if l.left == 0 {
		l.closing = true
		at := desked(l.at.Add(time.Duration(s.rnd.ExpFloat64()*30)*time.Hour), s.rnd)
		if l.lingers || at.After(s.now) {
			s.stands(l, s.now)
			return
		}
		l.at = at
	} else {
		at := l.at.Add(time.Duration(10+s.rnd.ExpFloat64()*900) * time.Minute)
		if l.last != 'o' {
			at = desked(at, s.rnd)
		}
		if at.After(s.now) {
			at = l.at.Add(time.Duration(s.rnd.Float64() * float64(s.now.Sub(l.at))))
		}
		l.at = at
	}
	heap.Push(&s.waiting, l)
}

// desked moves what an agent does into the hours somebody is there.
func desked(t time.Time, rnd *rand.Rand) time.Time {
	if t.Hour() >= 17 {
		t = t.Add(24 * time.Hour)
	}
	if t.Hour() < 7 || t.Hour() >= 17 {
		t = time.Date(t.Year(), t.Month(), t.Day(), 7+rnd.IntN(4), rnd.IntN(60), rnd.IntN(60), rnd.IntN(1e9), time.UTC)
	}
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.Add(24 * time.Hour)
	}
	return t
}

// clocks are the ticket's goals when it is closed at closed, or stands at now when closed is zero and paused for pausing statuses.
func (l *life) clocks(p desk.Promise, closed time.Time, paused bool, now time.Time) (rows [][]any, next any) {
	var least time.Time
	for _, g := range []struct {
		goal    string
		minutes *int
		met     time.Time
	}{{"reaction", p.Reaction, l.replied}, {"alarm", p.Alarm, closed}, {"execution", p.Execution, closed}} {
		if g.minutes == nil {
			continue
		}
		due := p.Calendar.Add(l.opened, time.Duration(*g.minutes)*time.Minute)
		row := []any{l.id, g.goal, *g.minutes, due, nil, nil, orNil(g.met), nil}
		switch {
		case !g.met.IsZero():
		case paused:
			row[3], row[4], row[5] = nil, l.changed, int(p.Calendar.Between(l.changed, due).Minutes())
		case least.IsZero() || due.Before(least):
			least = due
		}
		if g.met.IsZero() && due.Before(now) {
			row[7] = due // its crossing was told at the time
		}
		rows = append(rows, row)
	}
	return rows, orNil(least)
}

func orNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
