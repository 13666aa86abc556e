package ticket

import (
	"fmt"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
)

// Found is what the check of a file came to: Nothing, one of the words below, or the name of what was found.
type Found string

// What is no name; none of ClamAV's has a colon.
const (
	Nothing         Found = ""           // in it; or the file was taken while no scanner was set
	Waiting         Found = ":waiting"   // for its check
	TooLargeToCheck Found = ":too_large" // for the scanner: nobody knows
	CheckFailed     Found = ":failed"    // the scanner broke over it again and again: nobody knows
)

// Held tells whether the file is kept back from who lacks file.infected.
func (f Found) Held() bool { return f != Nothing }

// Named tells whether something was found that has a name.
func (f Found) Named() bool { return f != Nothing && !strings.HasPrefix(string(f), ":") }

// foundSQL is a file's Found; it speaks of f.
const foundSQL = `COALESCE(f.found, ':waiting') AS found`

// Held is fault.Forbidden for a file, or for the source of the message it came with.
type Held struct {
	Name      string // of the file
	Found     Found
	TicketID  int64 // where it came
	MessageID int64
}

func (h Held) Error() string { return fmt.Sprintf("%s is held: %s", h.Name, h.Found) }

// Is implements errors.Is.
func (h Held) Is(target error) bool { return target == fault.Forbidden }

// held is the refusal of the file.
func (s Stored) held() Held {
	return Held{Name: s.HeldName, Found: s.Found, TicketID: s.TicketID, MessageID: s.MessageID}
}

// mayHave refuses what is held to who lacks the permission.
func (s Stored) mayHave(by agent.Agent) error {
	if s.Found.Held() && !by.Can(agent.FileInfected) {
		return s.held()
	}
	return nil
}
