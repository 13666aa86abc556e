package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/internal/text"
)

// sentences is an error as the operator reads it: a refused form field by field, anything else as it says itself.
func sentences(err error) []string {
	var refused fault.Invalid
	switch {
	case errors.As(err, &refused):
		var lines []string
		for _, field := range slices.Sorted(maps.Keys(refused)) {
			lines = append(lines, flagOf(field)+": "+text.For("en").T(refused[field].Key, refused[field].Args...))
		}
		return lines
	case errors.Is(err, context.Canceled):
		return []string{"interrupted"}
	}
	return []string{err.Error()}
}

// flags are the fields that come from a flag of another name.
var flags = map[string]string{
	"password": "password", "imap_host": "--imap", "folders": "--imap", "smtp_host": "--smtp", "sent_folder": "--sent", "poll_seconds": "--poll", "ca_pem": "--ca", "value": "VALUE",
}

// flagOf names the flag that a form's field comes from.
func flagOf(field string) string {
	if flag, ok := flags[field]; ok {
		return flag
	}
	return "--" + strings.ReplaceAll(field, "_", "-")
}

// readPassword takes one line of standard input. The flag that asks for it must be given, so that nobody waits at a silent prompt.
func (s surroundings) readPassword(asked bool) (string, error) {
	if !asked {
		return "", wrongUsage("give the password on standard input and say so with --password-stdin")
	}
	return s.readLine("password")
}

// readLine takes one line of standard input, which holds what.
func (s surroundings) readLine(what string) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(s.in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", fmt.Errorf("standard input holds no %s", what)
	}
	return line, nil
}
