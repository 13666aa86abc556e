package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// The main job on real servers, seen by two agents on two processes over one database.
func TestTwoProcessesOnRealMailServers(t *testing.T) {
	journey(t)
	s := furnish(t)
	s.outsider("cora", "Cora Quill")
	if out := run(t, s.env, "", "mailbox", "test", "Support"); strings.Count(out, "ok ") != 11 {
		t.Errorf("mailbox test:\n%s", out)
	}
	one, two := s.serve(), s.serve()
	ada, ben := open(t, one.URL, "ada"), open(t, two.URL, "ben")
	ada.signIn("ada@desk.test", password)
	ben.signIn("ben@desk.test", password)
	ada.See("#list .empty")
	ben.See("#list .empty")

	// A mail appears on both, with nobody loading anything.
	first := s.drop(letter{From: "Alice Amber <alice@customer.test>", Subject: "The lamp arrived broken", Text: "Good morning,\n\nthe shade has a crack.\n\nAlice"})
	ada.See(".ticket-row[data-unread]", "The lamp arrived broken", "Alice Amber")
	ben.See(".ticket-row[data-unread]", "The lamp arrived broken", "Alice Amber")

	// Ada answers; Ben, who looks at the card on the other process, sees it.
	ben.Click(".ticket-row a.subject", "The lamp arrived broken")
	ben.See("#talk .event[data-kind=in]", "the shade has a crack")
	ada.Click(".ticket-row a.subject", "The lamp arrived broken")
	ada.See(".card h1", "The lamp arrived broken")
	card := Eval[string](ada, "location.pathname")
	ben.Mark()
	ada.reply("We send you a new one today.", "At once")
	ben.See("#talk .event[data-kind=out]", "We send you a new one today.", "Ada Lovelace")
	ada.sent("We send you a new one today.")
	ben.sent("We send you a new one today.")
	ben.passes(axe(t), "a card with a letter that was sent")

	// The letter is right: in the thread, with the number, from the mailbox; a copy lies in Sent.
	sent := s.received("alice@customer.test", "INBOX", 1)[0]
	number := strings.TrimPrefix(card, "/tickets/")
	for _, want := range []string{`(?m)^From: .*<support@desk\.test>`, `(?m)^Subject: Re: The lamp arrived broken \[#` + number + `\]`,
		`(?m)^In-Reply-To: ` + regexp.QuoteMeta(first), `(?m)^References: ` + regexp.QuoteMeta(first), `multipart/alternative`, `We send you a new one today\.`} {
		if !regexp.MustCompile(want).MatchString(sent) {
			t.Errorf("the letter has no %s:\n%s", want, sent)
		}
	}
	s.received(support, "Sent", 1)

	// Alice answers through Exim: the same ticket, new again, on both.
	ours := regexp.MustCompile(`(?mi)^Message-ID: (<o\.[^>]+>)`).FindStringSubmatch(sent)
	if ours == nil {
		t.Fatalf("no Message-ID of ours:\n%s", sent)
	}
	s.submit("alice@customer.test", letter{From: "Alice Amber <alice@customer.test>", Subject: "Re: The lamp arrived broken", Text: "Wonderful, thank you.", Answers: ours[1]})
	for _, b := range []*browser{ada, ben} {
		b.See("#talk .event[data-kind=in]", "Wonderful, thank you.")
		b.Wait("the status is New again", chosen("d-status", "New"))
	}

	// Ben writes while the customer does: held back with his text, what is new is shown, the second press sends.
	ben.awaits("409 (Conflict)")
	ben.Press("r")
	ben.Fill("#reply-text", "It leaves on Monday.")
	s.submit("alice@customer.test", letter{From: "Alice Amber <alice@customer.test>", Subject: "Re: The lamp arrived broken", Text: "Please send it to my office instead.", Answers: ours[1]})
	ben.See("#talk .event[data-kind=in]", "to my office instead")
	ben.Press("Control+Enter")
	ben.See("#compose-reply .conflict", "1 new event since you began to write")
	ben.See("#compose-reply .event[data-kind=in]", "to my office instead")
	if got := Eval[string](ben, `document.querySelector("#reply-text").value`); strings.TrimSpace(got) != "It leaves on Monday." {
		t.Errorf("the text held back is %q", got)
	}
	if n := ben.Count("#talk .event[data-kind=out]"); n != 1 {
		t.Errorf("%d letters while one is held back", n)
	}
	ben.Shot("held-back")
	ben.Click("#compose-reply button[data-kind=primary]", "Send")
	ben.See("#undos .toast")
	ada.See("#talk .event[data-kind=out]", "It leaves on Monday.", "Ben Brook")

	// A comment with a change of status is one event; the other sees both, and a reply begun before waits until he has.
	ben.Press("r")
	ben.Fill("#reply-text", "More on Tuesday.")
	ada.Press("n")
	ada.Fill("#comment-text", "Ask the warehouse about the shade.")
	ada.Choose("#comment-status", "In progress")
	ada.Press("Control+Enter")
	ada.See("#talk .event[data-kind=comment]", "Ask the warehouse about the shade.", "In progress")
	ben.See("#talk .event[data-kind=comment]", "Ask the warehouse about the shade.", "In progress", "Ada Lovelace")
	ben.Wait("the status is In progress", chosen("d-status", "In progress"))
	ben.Press("Control+Enter")
	ben.See("#compose-reply .conflict", "1 new event since you began to write")
	ben.See("#compose-reply .event[data-kind=comment]", "Ask the warehouse about the shade.")
	if n := ben.Count("#talk .event[data-kind=out]"); n != 2 {
		t.Errorf("%d letters while a colleague's word was not seen", n)
	}
	ben.Shot("held-back-by-a-comment")

	// What ben changes beside his letter does not hold it back; what ada has set since does.
	const follows = `document.querySelector("#compose-reply [name=status_was]").value === document.querySelector("#d-status").value`
	ben.Choose("#d-status", "New")
	ben.Wait("his letter knows of his own change", follows)
	ada.Wait("the status is New", chosen("d-status", "New"))
	ada.Choose("#d-status", "Closed")
	ben.Wait("the status is Closed", chosen("d-status", "Closed"))
	ben.Click("#compose-reply button[data-kind=primary]", "Send")
	ben.See("#compose-reply .conflict", "Somebody else changed this meanwhile", "Status → Closed")
	ben.Wait("text and choice stand, over what is there now", follows+` && document.querySelector("#reply-text").value.includes("More on Tuesday.")`)
	ben.passes(axe(t), "a letter held back by a status")
	ben.Shot("held-back-by-a-status")
	ada.Choose("#d-status", "In progress")
	ben.Wait("the status is In progress", chosen("d-status", "In progress"))
	ben.Click("#compose-reply [data-discard]")
	ben.Gone("#compose-reply textarea")
	if body := strings.Join(s.received("alice@customer.test", "INBOX", 1), ""); strings.Contains(body, "warehouse") {
		t.Error("a comment was sent to the customer")
	}

	files(ada)
	ben.See("#talk .event[data-kind=comment]", "plan.txt", "shot.png")

	// An assignee set by one is seen by the other, who never loaded the page again.
	ada.Choose("#d-assignee", "Ada Lovelace")
	ben.Wait("the assignee is Ada", chosen("d-assignee", "Ada Lovelace"))
	ada.Wait("the assignee is Ada", chosen("d-assignee", "Ada Lovelace"))
	ben.Shot("followed")
	if !ben.Marked() {
		t.Error("Ben's card was loaded again")
	}

	s.seesNothing(open(t, two.URL, "cora"), "cora@desk.test", card)
	s.accounts()
}

// reply writes a letter and sends it; when is a choice of the menu, "" the default.
func (b *browser) reply(text, when string) {
	b.t.Helper()
	b.Press("r")
	b.Fill("#reply-text", text)
	if when != "" {
		b.Click("#compose-reply button[popovertarget=m-send]")
		b.Click("#m-send label", when)
		b.Gone("#m-send")
	}
	b.Click("#compose-reply button[data-kind=primary]", "Send")
	b.See("#talk .event[data-kind=out]", text)
}

// sent waits until a letter is shown as sent.
func (b *browser) sent(text string) {
	b.t.Helper()
	b.See("#talk .event[data-kind=out]:not([data-state=queued], [data-state=sending], [data-state=failed])", text, "to the customer")
}

// chosen is true when the select with this id shows words.
func chosen(id, words string) string {
	return fmt.Sprintf(`document.getElementById(%s)?.selectedOptions[0]?.textContent.includes(%s)`, quote(id), quote(words))
}

// seesNothing proves that a ticket is not there for who works in none of its queues: the same bytes as for a ticket nobody has.
func (s *stage) seesNothing(b *browser, account, card string) {
	s.t.Helper()
	b.awaits("404 (Not Found)")
	b.signIn(account, password)
	b.See("#list .empty")
	for _, pair := range [][2]string{{card, "/tickets/999999"}, {"/messages/1", "/messages/999999"}, {"/messages/1/source", "/messages/999999/source"}} {
		same := Eval[string](b, fmt.Sprintf(`(async () => {
			const [a, b] = await Promise.all([fetch(%s), fetch(%s)]);
			const [x, y] = (await Promise.all([a.text(), b.text()])).map(s => s.replace(/[0-9a-f]{16}/g, ""));
			return a.status === 404 && b.status === 404 && x === y ? "" : a.status + " " + b.status + "\n" + x + "\n" + y;
		})()`, quote(pair[0]), quote(pair[1])))
		if same != "" {
			s.t.Errorf("%s is not answered as %s: %s", pair[0], pair[1], same)
		}
	}
	b.Goto(card)
	b.See(".empty h1")
}

// accounts proves the equation of the ledger.
func (s *stage) accounts() {
	s.t.Helper()
	var list []struct {
		Mailbox     string
		Received    int
		States      map[string]int
		LastSuccess *string `json:"last_success"`
		LastError   string  `json:"last_error"`
	}
	out := run(s.t, s.env, "", "mailbox", "status", "--json")
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 {
		s.t.Fatalf("%v: %s", err, out)
	}
	sum := 0
	for _, n := range list[0].States {
		sum += n
	}
	if m := list[0]; m.Received != 3 || sum != 3 || m.States["ticket"] != 1 || m.States["reply"] != 2 || m.LastSuccess == nil || m.LastError != "" {
		s.t.Errorf("mailbox status: %s", out)
	}
	if unseen, err := s.Unseen(support, "INBOX"); err != nil || unseen != 0 {
		s.t.Errorf("%d mails are unread in the mailbox: %v", unseen, err)
	}
}
