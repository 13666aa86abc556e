package main

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/internal/config"
)

type keyRotateCommand struct {
	KeyStdin bool `xor:"key" required:"" help:"Read the new key, one line of 32 characters or more, from standard input."`
	Generate bool `xor:"key" required:"" help:"Make a new key. It is printed if FRONTDESK_SECRET_KEY gives the present one, else put into secret.key."`
}

// Help is shown below the flags.
func (keyRotateCommand) Help() string {
	return "Seals every mailbox password with another secret key, all or none. Run it with the present key. Servers at work end by themselves and are to be\n" +
		"started with the new one; everybody signs in again. Replies to letters sent before still find their tickets. Example:\n\n" +
		"  frontdesk key rotate --key-stdin < new.key"
}

// Run rotates the key and says what is to be done next.
func (c keyRotateCommand) Run(ctx context.Context, s surroundings) error {
	next, err := c.next(s)
	if err != nil {
		return err
	}
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	old, path := d.Keys, d.Config.KeyFile()
	if c.Generate && path == "" { // before the change, for nobody could print it after a crash
		if _, err := fmt.Fprintf(s.out, "FRONTDESK_SECRET_KEY=%s\n", next.Secret()); err != nil {
			return err
		}
	}
	n, err := d.RotateKey(ctx, next)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(s.out, rotated(n, path, old, next))
	return err
}

func (c keyRotateCommand) next(s surroundings) (config.Keys, error) {
	if c.Generate {
		return config.GenerateKeys(), nil
	}
	line, err := s.readLine("key")
	if err != nil {
		return config.Keys{}, err
	}
	next, err := config.NewKeys(line)
	if err != nil {
		return next, fmt.Errorf("the new key %w", err)
	}
	return next, nil
}

// rotated is what the operator reads: what was done, and what is left to do.
func rotated(n int, path string, old, next config.Keys) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The key is %s now, no longer %s. Passwords sealed anew: %d.\n", next.ID(), old.ID(), n)
	if path == "" {
		fmt.Fprintf(&b, "Next: set FRONTDESK_SECRET_KEY to the new key wherever frontdesk runs, and start the servers, which end by themselves.\n"+
			"Keep the old key as long as you keep backups made before: they open only with it.\n")
	} else {
		fmt.Fprintf(&b, "It is in %s. Next: start the server, which ends by itself.\n"+
			"The old key is in %s: backups made before open only with it. Remove it with them.\n", path, config.OldKeyFile(path, old))
	}
	b.WriteString("If the old key is in wrong hands, change the mailboxes' passwords too: copies of the database made before hold them.\n")
	return b.String()
}
