package main

import "frontdesk/internal/intake"

// parseChildCommand reads mails for the server in a process of its own, which may be killed (DECISIONS, Parser). Not for people.
type parseChildCommand struct{}

func (parseChildCommand) Run(s surroundings) error { return intake.ParseChild(s.in, s.out) }
