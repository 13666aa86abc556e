package crashtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
)

// TestAWrongPasswordIsToldAndBoundedAndWellAtOnce is fault row 16 for the whole product: the password of a mailbox stops being right at the server
// and is set anew in the settings; then it stops again, and becomes right at the server alone.
func TestAWrongPasswordIsToldAndBoundedAndWellAtOnce(t *testing.T) {
	t.Parallel()
	h := simpleHouse(t, 16)
	const account = "sales@desk.test"
	id := h.mailbox("Sales", h.world.Password(account), func(m *mailbox.Mailbox) { m.IMAPUser = account })
	came := 0
	arrives := func() {
		t.Helper()
		came++
		began := time.Now()
		h.ok(h.world.Deliver(account, fmt.Appendf(nil, "From: s%d@customer.test\r\nSubject: sale %d\r\nMessage-ID: <sale.%d@customer.test>\r\n\r\nHello\r\n", came, came, came)))
		h.until("a mail for sales", func() bool { return h.taken(id) == came })
		h.onTime(time.Since(began))
	}
	arrives()

	const second = "canary-of-the-server"
	h.changePassword(account, second)
	h.refused(id, "sales-pw", second)
	n, slowest := h.promptly(func(n int) bool { return n >= 3 })
	h.onTime(slowest)
	h.bounded(id, account)
	h.set(id, second, func(*mailbox.Mailbox) {})
	arrives()
	if m := h.standing(id); m.LastError != "" || m.Failures != 0 {
		t.Errorf("it is well and says %q, %d failures", m.LastError, m.Failures)
	}

	before := h.refusals(account)
	if before > 2 {
		t.Errorf("%d sign-ins refused", before)
	}
	h.changePassword(account, "another")
	h.refused(id, second, "another")
	h.bounded(id, account)
	h.changePassword(account, second)
	began := time.Now()
	h.set(id, "", func(*mailbox.Mailbox) {}) // saved as it was
	arrives()
	h.onTime(time.Since(began))
	h.row.Injected("the password changed at the server twice, and was set or became right again")
	h.row.Counted("%d and %d refused sign-ins; %d mails of another mailbox meanwhile took %s at most; all %d mails taken",
		before, h.refusals(account)-before, n, slowest.Round(10*time.Millisecond), came)
	h.stop()
}

// changePassword lets an account have another one at the server, which ends the conversations under way.
func (h *house) changePassword(account, password string) {
	h.Helper()
	h.ok(h.world.SetPassword(account, password))
	h.world.StopDovecot()
	h.ok(h.world.StartDovecot())
}

// refused waits until the trouble of a mailbox is told, and looks for the passwords in what is told.
func (h *house) refused(id int64, secrets ...string) {
	h.Helper()
	until(h.T, "the trouble told", func() bool { return strings.Contains(h.standing(id).LastError, mailbox.ErrCredentials.Error()) })
	until(h.T, "the trouble in the log", func() bool { return strings.Contains(h.log(), mailbox.ErrCredentials.Error()) })
	list, err := inbound.Status(h.Context(), h.db)
	h.ok(err)
	for _, s := range secrets {
		if strings.Contains(fmt.Sprintf("%+v", list)+h.log(), s) {
			h.Error("a password is told")
		}
	}
}

// refusals counts the sign-ins that the server refused to an account.
func (h *house) refusals(account string) (n int) {
	h.Helper()
	log, err := os.ReadFile(filepath.Join(h.world.Dir, "log", "dovecot.log"))
	h.ok(err)
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "auth failed") && strings.Contains(line, "user=<"+account+">") {
			n++
		}
	}
	return n
}

// bounded holds that the server is left alone for a minute at least.
func (h *house) bounded(id int64, account string) {
	h.Helper()
	m, n := h.standing(id), h.refusals(account)
	if n == 0 || m.RetryAt == nil || m.RetryAt.Sub(*m.LastErrorAt) < time.Minute {
		h.Errorf("%d sign-ins refused; after %d failures at %v it is tried again at %v", n, m.Failures, m.LastErrorAt, m.RetryAt)
	}
}
