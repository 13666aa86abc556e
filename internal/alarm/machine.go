package alarm

import (
	"context"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"frontdesk/internal/pg"
)

const (
	apart  = 5 * time.Second // two clocks
	little = 1 << 30         // bytes free on a disk, or a tenth of it where that is less
)

// Machine is where this process runs, of which nobody but its own processes can tell.
type Machine struct {
	Name  string           // "": the host's
	Disks []string         // directories that must not fill up
	Now   func() time.Time // its clock; nil: time.Now
}

func (m Machine) name() string {
	if m.Name != "" {
		return m.Name
	}
	host, _ := os.Hostname()
	return host
}

// Look measures the machine: its disks, and its clock against the database's. It must not be called within a transaction, for a disk may be slow.
// The clock of a mail server is not looked at: IMAP and SMTP have no question for it.
func (m Machine) Look(ctx context.Context, r pg.Reader) ([]Alarm, error) {
	found, err := m.disks()
	if err != nil {
		return nil, err
	}
	late, now, err := m.clock(ctx, r)
	if err != nil {
		return nil, err
	}
	if late.Abs() > apart {
		found = append(found, Alarm{Kind: Clock, N: late.Milliseconds()})
	}
	for i := range found {
		found[i].Machine, found[i].Since = m.name(), now
	}
	return found, nil
}

// disks finds those with little room, each disk once however many of the directories lie on it.
func (m Machine) disks() (found []Alarm, err error) {
	var seen []uint64
	for _, dir := range m.Disks {
		var at syscall.Stat_t
		var disk syscall.Statfs_t
		if err := syscall.Stat(dir, &at); err != nil {
			return nil, fmt.Errorf("look at %s: %w", dir, err)
		}
		if err := syscall.Statfs(dir, &disk); err != nil {
			return nil, fmt.Errorf("look at the disk of %s: %w", dir, err)
		}
		if dev := uint64(at.Dev); slices.Contains(seen, dev) { //nolint:unconvert // not everywhere of this type
			continue
		} else {
			seen = append(seen, dev)
		}
		size, free := int64(disk.Blocks)*int64(disk.Bsize), int64(disk.Bavail)*int64(disk.Bsize) //nolint:gosec,unconvert // no disk has 2^63 bytes
		if free < min(size/10, little) {
			found = append(found, Alarm{Kind: Disk, Place: dir, N: free, Of: size})
		}
	}
	return found, nil
}

// clock is how far ours goes before the database's, and the time there. Half of the way there and back is taken for the way back.
func (m Machine) clock(ctx context.Context, r pg.Reader) (time.Duration, time.Time, error) {
	now := m.Now
	if now == nil {
		now = time.Now
	}
	asked := now()
	there, err := pg.One[time.Time](ctx, r, `SELECT clock_timestamp()`)
	if err != nil {
		return 0, there, fmt.Errorf("ask the database for the time: %w", err)
	}
	way := now().Sub(asked)
	early := asked.Add(way / 2).Sub(there)
	if early.Abs() <= way/2 {
		early = 0 // as far as a slow answer lets one tell
	}
	return early, there, nil
}

// Others leaves of what Find says what this machine cannot know better itself.
func (m Machine) Others(list []Alarm) []Alarm {
	return slices.DeleteFunc(list, func(a Alarm) bool { return a.Machine == m.name() })
}
