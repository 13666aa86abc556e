// Command frontdesk is the helpdesk: the server, the demo, and the commands that set it up and look after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // machines without time zones serve people in all of them

	"github.com/alecthomas/kong"
)

// The exit codes, as the help tells them.
const (
	done   = 0
	failed = 1
	usage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	// The second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], surroundings{os.Stdin, os.Stdout, os.Stderr, os.Environ()}))
}

// run is main without the process around it; it returns the exit code.
func run(ctx context.Context, args []string, s surroundings) int {
	exited := -1 // kong asks for an exit after --help
	parser, err := kong.New(new(commands), kong.Name("frontdesk"), kong.Description(description), kong.Writers(s.out, s.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		panic(err) // the command line is declared wrongly
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.err, "frontdesk: %v\nTry frontdesk --help.\n", err)
		return usage
	}
	err = command.Run()
	var wrong wrongUsage
	switch {
	case err == nil:
		return done
	case errors.As(err, &wrong):
		fmt.Fprintf(s.err, "frontdesk: %v\nTry frontdesk %s --help.\n", err, command.Command())
		return usage
	}
	for _, line := range sentences(err) {
		fmt.Fprintf(s.err, "frontdesk: %s\n", line)
	}
	return failed
}

// wrongUsage is an error of the caller's that the declaration of the command line cannot express.
type wrongUsage string

func (w wrongUsage) Error() string { return string(w) }
