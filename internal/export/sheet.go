package export

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// Sheet writes tickets as comma-separated values (RFC 4180) in a reader's language and time zone.
//
// It is UTF-8 and begins with a byte order mark. RFC 4180 does not ask for one, but without it the most common spreadsheet takes a file for the
// code page of its machine and "Łódź" for "ÅÃ³dÅº"; whatever else reads such files skips the mark.
type Sheet struct {
	csv *csv.Writer
	l   *text.Local
	row []string
}

const byteOrderMark = "\uFEFF"

// column is a heading and what stands below it.
type column struct {
	head text.Key
	cell func(s *Sheet, t ticket.Record) string
}

var sheet = []column{
	{text.ListNumber, func(_ *Sheet, t ticket.Record) string { return strconv.FormatInt(t.ID, 10) }},
	{text.ListSubject, func(_ *Sheet, t ticket.Record) string { return t.Subject }},
	{text.ListStatus, (*Sheet).status},
	{text.ListPriority, func(s *Sheet, t ticket.Record) string { return s.l.Named(t.Priority) }},
	{text.ListQueue, func(s *Sheet, t ticket.Record) string { return s.l.Named(t.Queue) }},
	{text.ListAssignee, func(_ *Sheet, t ticket.Record) string { return t.Assignee }},
	{text.ListCustomer, func(_ *Sheet, t ticket.Record) string { return t.Customer }},
	{text.FilterFieldCompany, func(_ *Sheet, t ticket.Record) string { return t.Company }},
	{text.ExportRequester, func(_ *Sheet, t ticket.Record) string { return t.RequesterName }},
	{text.ExportAddress, func(_ *Sheet, t ticket.Record) string { return t.Requester }},
	{text.ListTags, func(_ *Sheet, t ticket.Record) string { return strings.Join(t.Tags, ", ") }},
	{text.FilterFieldCategory, func(_ *Sheet, t ticket.Record) string { return t.Category }},
	{text.FilterFieldSource, func(s *Sheet, t ticket.Record) string { return s.l.T(text.Key("filter.source_" + t.Source)) }},
	{text.ListCreated, func(s *Sheet, t ticket.Record) string { return s.time(&t.CreatedAt) }},
	{text.ListChanged, func(s *Sheet, t ticket.Record) string { return s.time(&t.ChangedAt) }},
	{text.FilterFieldClosed, func(s *Sheet, t ticket.Record) string { return s.time(t.ClosedAt) }},
	{text.ListDue, func(s *Sheet, t ticket.Record) string { return s.time(t.NextDue) }},
}

// NewSheet begins a sheet with its headings. They leave with the first tickets, so trouble before those is still told in words.
func NewSheet(w io.Writer, l *text.Local) (*Sheet, error) {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString(byteOrderMark); err != nil {
		return nil, err
	}
	s := &Sheet{csv: csv.NewWriter(out), l: l} // which writes into out, not before it
	s.csv.UseCRLF = true
	for _, c := range sheet {
		s.row = append(s.row, l.T(c.head))
	}
	return s, s.csv.Write(s.row)
}

// Add writes tickets and hands on all that was written.
func (s *Sheet) Add(list []ticket.Record) error {
	for _, t := range list {
		for i, c := range sheet {
			s.row[i] = harmless(c.cell(s, t))
		}
		if err := s.csv.Write(s.row); err != nil {
			return err
		}
	}
	s.csv.Flush()
	return s.csv.Error()
}

func (s *Sheet) status(t ticket.Record) string {
	if t.Parent != "" {
		return s.l.Named(t.Parent) + ": " + s.l.Named(t.Status)
	}
	return s.l.Named(t.Status)
}

// time is ISO 8601 with the reader's offset from UTC.
func (s *Sheet) time(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(s.l.Zone()).Format(time.RFC3339)
}

// harmless is a cell that no spreadsheet takes for a formula (RELIABILITY C22): an apostrophe stands before what begins with a sign of one, be it
// after white space or in its wide form, and before what begins with a tab or an end of line. What stands behind a semicolon begins a cell too: a
// spreadsheet that speaks German or Polish parts by those, whatever quotes stand around.
func harmless(cell string) string {
	var b strings.Builder
	for begins := true; ; begins = false {
		bare := strings.TrimLeftFunc(cell, func(c rune) bool {
			return c == '"' || unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) || unicode.IsControl(c)
		})
		if sign, _ := utf8.DecodeRuneInString(bare); strings.ContainsRune("=+-@＝＋－＠", sign) || begins && cell != "" && strings.ContainsRune("\t\r\n", rune(cell[0])) {
			b.WriteByte('\'')
		}
		end := strings.IndexAny(bare, ";\t\r\n")
		if end < 0 {
			b.WriteString(cell)
			return b.String()
		}
		b.WriteString(cell[:len(cell)-len(bare)+end+1])
		cell = bare[end+1:]
	}
}
