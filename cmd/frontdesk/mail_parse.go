package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"frontdesk/internal/mail"
)

type mailParseCommand struct {
	JSON bool   `name:"json" help:"Print everything, as JSON."`
	File string `arg:"" help:"Mail file (RFC 5322), or - for standard input." placeholder:"FILE"`
}

// Run shows what intake would see. A broken mail is no error: what could be saved is shown, with warnings.
func (c mailParseCommand) Run(s surroundings) error {
	raw, err := c.read(s.in)
	if err != nil {
		return err
	}
	m := mail.Parse(raw)
	if !c.JSON {
		return printMail(s.out, m)
	}
	var indented bytes.Buffer
	b, err := json.Marshal(m)
	if err == nil {
		err = json.Indent(&indented, b, "", "  ")
	}
	if err != nil {
		return fmt.Errorf("write the mail as JSON: %w", err)
	}
	indented.WriteByte('\n')
	_, err = s.out.Write(indented.Bytes())
	return err
}

func (c mailParseCommand) read(in io.Reader) ([]byte, error) {
	if c.File == "-" {
		raw, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return raw, nil
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return nil, fmt.Errorf("read the mail: %w", err)
	}
	return raw, nil
}

func printMail(w io.Writer, m *mail.Message) error {
	var b strings.Builder
	for _, l := range []struct {
		name string
		list []mail.Address
	}{{"From", m.From}, {"Reply-To", m.ReplyTo}, {"To", m.To}, {"Cc", m.Cc}} {
		for _, a := range l.list {
			fmt.Fprintf(&b, "%-12s %s\n", l.name+":", strings.TrimSpace(a.Name+" <"+a.Address+">"))
		}
	}
	if !m.Date.IsZero() {
		fmt.Fprintf(&b, "%-12s %s\n", "Date:", m.Date.Format("2006-01-02 15:04:05 -0700"))
	}
	fmt.Fprintf(&b, "%-12s %s\n%-12s %s\n", "Subject:", m.Subject, "Message-ID:", m.MessageID)
	for _, a := range m.Attachments {
		fmt.Fprintf(&b, "%-12s %s (%s, %d bytes)\n", "Attachment:", a.FileName(), a.Type, len(a.Data))
	}
	for _, warning := range m.Warnings {
		fmt.Fprintf(&b, "%-12s %s\n", "Warning:", warning)
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(m.Text, "\n"))
	_, err := io.WriteString(w, b.String())
	return err
}
