package sla

import "time"

// Goal is one of a priority's three times.
type Goal string

// The three goals. Reaction is met by the first letter to the customer; alarm and execution by the first closing.
const (
	Reaction  Goal = "reaction"
	Alarm     Goal = "alarm"
	Execution Goal = "execution"
)

// Clock is one goal of one ticket. While paused DueAt is nil and Left says how much business time was left (negative: over).
type Clock struct {
	Goal    Goal
	Minutes int
	DueAt   *time.Time
	Left    *int // minutes
	MetAt   *time.Time
}

// Over tells by how much an unmet goal is exceeded at now; false while it is not. A running clock answers in elapsed time, a paused one in
// the business time it was over when it stopped.
func (c Clock) Over(now time.Time) (time.Duration, bool) {
	switch {
	case c.MetAt != nil:
		return 0, false
	case c.DueAt != nil:
		return now.Sub(*c.DueAt), now.After(*c.DueAt)
	case c.Left != nil:
		return time.Duration(-*c.Left) * time.Minute, *c.Left < 0
	}
	return 0, false
}

// State is the alarm clock beside a ticket (PRODUCT L2).
type State string

// The clock's colours, the most pressing last: green, yellow, red.
const (
	None  State = ""
	React State = "react" // reaction time exceeded
	Near  State = "near"  // execution deadline near: the alarm time has passed
	Late  State = "late"  // execution time exceeded
)

// Colour picks the most pressing state of a ticket's clocks at now. By is how far the reaction or execution time is exceeded; for Near it is
// the time left until the execution deadline.
func Colour(clocks []Clock, now time.Time) (state State, by time.Duration) {
	var left time.Duration // until the execution deadline
	for _, c := range clocks {
		over, yes := c.Over(now)
		switch {
		case c.Goal == Execution && yes:
			return Late, over
		case c.Goal == Execution && (c.DueAt != nil || c.Left != nil) && c.MetAt == nil:
			left = c.left(now)
		case c.Goal == Alarm && yes:
			state, by = Near, 0
		case c.Goal == Reaction && yes && state == None:
			state, by = React, over
		}
	}
	if state == Near {
		by = left
	}
	return state, by
}

// left is the time until the goal: elapsed time while running, business time while paused.
func (c Clock) left(now time.Time) time.Duration {
	if c.DueAt != nil {
		return c.DueAt.Sub(now)
	}
	return time.Duration(*c.Left) * time.Minute
}
