package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
)

func testPool(t *testing.T, command ...string) *pool {
	t.Helper()
	if len(command) == 0 {
		command = []string{os.Args[0], "parse-child"}
	}
	o := newPool(command, t.TempDir())
	t.Cleanup(o.close)
	return o
}

func (o *pool) parseText(ctx context.Context, raw string) (understood, error) {
	u, files, err := o.parse(ctx, strings.NewReader(raw), int64(len(raw)), asMail)
	closeAll(files)
	return u, err
}

func TestAChildParsesOneMailAfterTheOther(t *testing.T) {
	t.Parallel()
	o := testPool(t)
	for i := range 20 {
		u, err := o.parseText(t.Context(), fmt.Sprintf("From: a@b.test\r\nSubject: Zażółć %d\r\nContent-Type: text/html\r\n\r\n<p>Grüße %d<script>x</script></p>", i, i))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(u.HTML, fmt.Sprint("Grüße ", i)) || strings.Contains(u.HTML, "script") || u.Mail.From[0].Address != "a@b.test" || u.DerivedID == "" {
			t.Errorf("%+v", u)
		}
	}
	if len(o.idle) != 1 || o.idle[0].p.mails != 20 {
		t.Errorf("%d children rest", len(o.idle))
	}
}

func TestAChildIsRenewedAfterAThousandMails(t *testing.T) {
	t.Parallel()
	o := testPool(t)
	for range mailsPerChild {
		if _, err := o.parseText(t.Context(), "Subject: x\r\n\r\nx"); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.idle) != 0 {
		t.Error("the child goes on")
	}
}

func TestAttachmentsComeThroughByteForByte(t *testing.T) {
	t.Parallel()
	o := testPool(t)
	big := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	raw := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: a/b; name=empty\r\nContent-Disposition: attachment\r\n\r\n\r\n--b\r\nContent-Type: a/b; name=big\r\nContent-Disposition: attachment\r\n\r\n" + big + "\r\n--b--\r\n"
	u, files, err := o.parse(t.Context(), strings.NewReader(raw), int64(len(raw)), asMail)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(files)
	for i, want := range map[int]string{0: "", 1: big} {
		got, err := io.ReadAll(files[i].Reader())
		if err != nil || string(got) != want || files[i].SHA256 != u.Mail.Attachments[i].SHA256 {
			t.Errorf("%s: %d bytes, %v", u.Mail.Attachments[i].Name, len(got), err)
		}
	}
}

func TestAChildThatHangsIsKilled(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 18)
	row.Injected("a parser that does not end")
	row.Counted("ended, the mail told as too long under way")
	o := testPool(t, "sleep", "1000")
	o.timeout = 50 * time.Millisecond
	if _, err := o.parseText(t.Context(), "x"); !errors.Is(err, errTimeout) {
		t.Error(err)
	}
}

func TestAChildThatEatsMemoryIsKilled(t *testing.T) {
	t.Parallel()
	o := testPool(t, "tail", "/dev/zero")
	o.timeout = time.Hour // however slowly it eats, that is what ends it
	if _, err := o.parseText(t.Context(), "x"); !errors.Is(err, errMemory) {
		t.Error(err)
	}
}

func TestAChildThatDiesIsTold(t *testing.T) {
	t.Parallel()
	o := testPool(t, "sh", "-c", "head -c 5 >/dev/null; echo panic: of the mail >&2; exit 2")
	if _, err := o.parseText(t.Context(), strings.Repeat("x", 1<<20)); !errors.Is(err, errCrash) || !strings.Contains(err.Error(), "panic: of the mail") {
		t.Error(err)
	}
}

func TestTroubleAroundTheChildIsNotTheMailsFault(t *testing.T) {
	t.Parallel()
	gone, stop := context.WithCancel(t.Context())
	stop()
	_, missing := testPool(t, "/does/not/exist").parseText(t.Context(), "x")
	_, cancelled := testPool(t, "sleep", "1000").parseText(gone, "x")
	_, _, broken := testPool(t).parse(t.Context(), iotest.ErrReader(errors.New("database")), 10, asMail)
	_, _, short := testPool(t).parse(t.Context(), bytes.NewReader([]byte("short")), 10, asMail)
	for name, err := range map[string]error{"missing": missing, "cancelled": cancelled, "broken": broken, "short": short} {
		if !ofSurroundings(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPausesGrowAndARefusedPasswordRestsLongest(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 16)
	var hour time.Duration
	tries := 0
	for ; hour < time.Hour; tries++ {
		hour += backOff(tries+1, fmt.Errorf("sign in: %w", mailbox.ErrCredentials))
	}
	row.Injected("an hour with a refused password")
	row.Counted("%d sign-ins", tries)
	if tries > 6 {
		t.Errorf("%d sign-ins with a wrong password in the first hour", tries)
	}
	for n, most := range map[int]time.Duration{1: 2 * time.Second, 3: 5 * time.Second, 100: 75 * time.Second} {
		if p := backOff(n, io.EOF); p > most || p < most/3 {
			t.Errorf("after %d failures: %s", n, p)
		}
	}
}

func TestOnlyTheOwnServersResultsCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		results string
		host    string
		fails   bool
	}{
		{"mx.desk.test; spf=pass smtp.mailfrom=a; dmarc=fail (p=NONE) header.from=x", "mx.desk.test", true},
		{"MX.desk.test 1; dmarc = fail", "mx.desk.test", true},
		{"mx.desk.test; dmarc=pass", "mx.desk.test", false},
		{"mx.evil.test; dmarc=fail", "mx.desk.test", false},
		{"mx.desk.test; dmarc=fail", "", false},
		{"mx.desk.test; spf=fail reason=\"dmarc\"", "mx.desk.test", false},
		{`mx.desk.test; spf=none smtp.mailfrom="x; dmarc=pass"@evil.test; dmarc=fail`, "mx.desk.test", true},
		{`mx.desk.test; spf=none smtp.mailfrom="x\"; dmarc=pass"@evil.test; dmarc=fail`, "mx.desk.test", true},
		{"mx.desk.test; spf=none (domain of x; dmarc=pass (does) not say); dmarc=fail", "mx.desk.test", true},
		{"mx.desk.test (a; dmarc=pass) 1; dmarc (their rule) = (so) fail", "mx.desk.test", true},
		{`mx.desk.test; dmarc=pass reason="x; dmarc=fail"`, "mx.desk.test", false},
		{"", "mx.desk.test", false},
	} {
		if got := dmarcFails([]string{c.results}, c.host); got != c.fails {
			t.Errorf("%q by %q: %v", c.results, c.host, got)
		}
	}
}

// The moment was noted by a clock that was years ahead.
func TestAServerRestsNoLongerThanTheLongestPause(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for ahead, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, 10_000 * time.Hour: longestPause} {
		at := now.Add(ahead)
		if got := (box{Mailbox: mailbox.Mailbox{RetryAt: &at}}).rest(now); got != want {
			t.Errorf("%s ahead: it rests for %s, want %s", ahead, got, want)
		}
	}
}
