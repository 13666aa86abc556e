// Package agent knows the people who work here: sign-in, sessions, profiles and their permissions, the queues they work in.
package agent

import (
	"slices"
	"time"

	"frontdesk/internal/zone"
)

// Permission is one right of a profile. The list is closed (DECISIONS, Who sees what).
type Permission string

// All permissions.
const (
	TicketRead       Permission = "ticket.read"
	TicketWrite      Permission = "ticket.write"
	TicketDelete     Permission = "ticket.delete"
	TicketSLA        Permission = "ticket.sla"
	TicketExport     Permission = "ticket.export"
	TagCreate        Permission = "tag.create"
	FileInfected     Permission = "file.infected"
	CustomerWrite    Permission = "customer.write"
	ViewShare        Permission = "view.share"
	QueueAll         Permission = "queue.all"
	ReportRead       Permission = "report.read"
	DeskManage       Permission = "desk.manage"
	QueueManage      Permission = "queue.manage"
	MailboxManage    Permission = "mailbox.manage"
	QuarantineManage Permission = "quarantine.manage"
	AgentManage      Permission = "agent.manage"
	SystemManage     Permission = "system.manage"
)

// Agent is who asks: carried by every verb that a person starts. Its rights are those of the moment the request began.
type Agent struct {
	ID          int64
	Email       string
	Name        string
	Language    string   // en, pl, de
	TimeZone    string   // IANA
	Theme       string   // "", light, dark
	Density     string   // "", compact, relaxed
	SingleKeys  bool     // single-letter shortcuts are on
	Columns     []string // of lists, in their order
	Layout      string   // of lists: "" (a table), split
	Welcomed    bool     // has read what is said to a newcomer
	Signature   string
	ProfileID   int64
	Permissions []Permission
	Queues      []int64 // those the agent works in, most pressing first
}

// Can tells whether the agent's profile holds the permission.
func (a Agent) Can(p Permission) bool { return slices.Contains(a.Permissions, p) }

// Sees tells whether tickets of the queue are visible: it is one of the agent's, or the agent holds queue.all.
func (a Agent) Sees(queueID int64) bool {
	return a.Can(QueueAll) || slices.Contains(a.Queues, queueID)
}

// Location is the agent's time zone, UTC when the name is unknown.
func (a Agent) Location() *time.Location {
	loc, err := zone.Load(a.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}
