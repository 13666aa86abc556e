package main

import (
	"context"
	"time"

	"frontdesk/internal/demo"
)

type demoCommand struct {
	Write  time.Duration `default:"40s" help:"How often a customer writes, on average."`
	Answer time.Duration `default:"8s" help:"How soon a customer answers a reply."`
}

// Run shows the product with customers who write and answer, until the process is told to stop.
func (c demoCommand) Run(ctx context.Context, s surroundings) error {
	if c.Write <= 0 || c.Answer <= 0 {
		return wrongUsage("--write and --answer must be longer than nothing")
	}
	cfg, err := s.configure()
	if err != nil {
		return err
	}
	return demo.Run(ctx, cfg, version, demo.Pace{Write: c.Write, Answer: c.Answer}, s.out)
}
