package main

import "frontdesk/internal/intake"

type parseChildCommand struct{}

// Run reads mails from standard input and answers what they say, in an empty environment; intake starts and kills it.
func (parseChildCommand) Run(s surroundings) error { return intake.ParseChild(s.in, s.out) }
