package crashtest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// sum is the hash of what a page hands out, without holding it.
func (h *house) sum(path string) (sum [sha256.Size]byte) {
	h.Helper()
	a, err := h.browser.Get(h.address + path)
	h.ok(err)
	defer a.Body.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, a.Body); err != nil || a.StatusCode != http.StatusOK {
		h.Errorf("%s answers %d, %v", path, a.StatusCode, err)
	}
	hash.Sum(sum[:0])
	return sum
}

// message waits until the mail with a subject is a message, and tells its number.
func (h *house) message(subject string) (id int64) {
	h.Helper()
	h.until("the mail "+subject, func() bool {
		list, err := pg.List[int64](h.Context(), h.db, `SELECT id FROM message WHERE subject = $1`, subject)
		h.ok(err)
		if len(list) > 0 {
			id = list[0]
		}
		return len(list) > 0
	})
	return id
}

// fileOf is the hash of the only file of a message, as it is downloaded.
func (h *house) fileOf(message int64, name string) [sha256.Size]byte {
	h.Helper()
	return h.sum(fmt.Sprintf("/attachments/%d/%s", h.ask(fmt.Sprintf(`SELECT id FROM message_file WHERE message_id = %d`, message)), url.PathEscape(name)))
}

// TestGiantMailsLeaveMemorySmallAndOthersOnTime is fault row 19 at full size: files of 25 MB are taken whole, mails of 60 and 200 MB are tickets that
// say so, and a person fetches the largest whole, while another mailbox has its mail on time.
func TestGiantMailsLeaveMemorySmallAndOthersOnTime(t *testing.T) {
	t.Parallel()
	if !alone() {
		t.Skip("in make faults")
	}
	h := simpleHouse(t, 19)
	memory := h.watchMemory()
	const account = "sales@desk.test"
	file := noise(25 << 20)
	whole, size := h.deliverGiant(account)
	h.ok(h.world.Deliver(account, withFile("too large", "large.bin", noise(44<<20)), withFile("large", "f.bin", file)))
	h.mailbox("Sales", h.world.Password(account), func(m *mailbox.Mailbox) { m.IMAPUser = account })
	n, slowest := h.promptly(func(int) bool {
		return h.ask(`SELECT count(*) FROM message WHERE subject IN ('giant', 'too large', 'large')`) == 3
	})
	h.onTime(slowest)
	if h.fileOf(h.message("large"), "f.bin") != sha256.Sum256(file) {
		t.Error("the file of 25 MB is not what was sent")
	}
	for _, subject := range []string{"giant", "too large"} {
		if h.ask(fmt.Sprintf(`SELECT count(*) FROM message WHERE id = %d AND flags @> '{oversize}'`, h.message(subject))) != 1 {
			t.Errorf("the ticket of %s does not say so", subject)
		}
	}
	a, err := h.browser.PostForm(h.address+fmt.Sprintf("/messages/%d/fetch", h.message("giant")), nil)
	h.ok(err)
	a.Body.Close()
	more, slower := h.promptly(func(int) bool {
		return h.ask(`SELECT count(*) FROM inbound_whole WHERE state IN ('fetched', 'failed')`) == 1
	})
	h.onTime(slower)
	if h.sum(fmt.Sprintf("/messages/%d/source", h.message("giant"))) != whole {
		t.Error("the source of the giant is not what was sent")
	}
	own, child := memory.check(h)
	h.row.Injected("a file of 25 MB; mails of 60 and %d MB, the larger fetched whole by a person", size/1_000_000)
	h.row.Counted("all as sent; %d MB resident, %d MB a child; %d mails of another mailbox meanwhile took %s at most", own, child, n+more, max(slowest, slower).Round(10*time.Millisecond))
	h.stop()
}

// deliverGiant brings a mail of some 200 MB and tells its hash and size.
func (h *house) deliverGiant(account string) (sum [sha256.Size]byte, size int) {
	h.Helper()
	raw := withFile("giant", "giant.bin", noise(145<<20))
	h.ok(h.world.Deliver(account, raw))
	return sha256.Sum256(raw), len(raw)
}

// TestArchivesThatExplodeAreNeverUnpacked is fault row 20: who reads them pays for their size alone, and hands them out as they came.
func TestArchivesThatExplodeAreNeverUnpacked(t *testing.T) {
	t.Parallel()
	h := simpleHouse(t, 20)
	memory := h.watchMemory()
	h.deliverFile("warm", noise(1<<20))
	size := func() int { return h.ask(`SELECT pg_database_size(current_database())`) }
	var harmless, worst time.Duration
	sum, disk := 0, size()
	list := bombs(t)
	for name, bomb := range list {
		harmless = max(harmless, h.costs("harmless "+name, noise(len(bomb))))
		worst = max(worst, h.costs(name, bomb))
		sum += 2 * len(bomb)
	}
	grown := size() - disk
	if worst > 3*harmless+time.Second {
		t.Errorf("a bomb costs %s of processor, a harmless file as large %s", worst, harmless)
	}
	if grown > 8*sum+8<<20 {
		t.Errorf("the database has grown by %d kB for files of %d kB", grown>>10, sum>>10)
	}
	own, child := memory.check(h)
	h.row.Injected("%d archives, a gigabyte and more when unpacked", len(list))
	h.row.Counted("downloaded as sent; %s of processor at most, a harmless file as large %s; the database grew by %d kB for %d kB; %d MB resident, %d MB a child",
		worst.Round(time.Millisecond), harmless.Round(time.Millisecond), grown>>10, sum>>10, own, child)
	h.stop()
}

// bombs are archives of zeros: a gigabyte, or that many times over in archives within archives, as in 42.zip.
func bombs(t *testing.T) map[string][]byte {
	t.Helper()
	const part, parts = 16 << 20, 64
	var gz bytes.Buffer
	w, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(make([]byte, part))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	flat := zipOf(t, make([]byte, part), parts)
	nested := flat
	for range 5 {
		nested = zipOf(t, nested, 16)
	}
	return map[string][]byte{"bomb.gz": bytes.Repeat(gz.Bytes(), parts), "bomb.zip": flat, "nested.zip": zipOf(t, flat, 1), "42.zip": nested}
}

// zipOf holds a file so many times, packed once.
func zipOf(t *testing.T, file []byte, times int) []byte {
	t.Helper()
	var packed, out bytes.Buffer
	f, err := flate.NewWriter(&packed, flate.BestCompression)
	if err == nil {
		_, err = f.Write(file)
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&out)
	for i := range times {
		w, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i, ".zip"), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(file),
			CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(len(file))}) //nolint:gosec // lengths
		if err == nil {
			_, err = w.Write(packed.Bytes())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// deliverFile brings a file by mail and holds that it is handed out as it was sent.
func (h *house) deliverFile(name string, file []byte) {
	h.Helper()
	h.ok(h.world.Deliver(intakeAccount, withFile(name, strings.ReplaceAll(name, " ", "-"), file)))
	if h.fileOf(h.message(name), name) != sha256.Sum256(file) {
		h.Errorf("%s is not what was sent", name)
	}
}

// costs is deliverFile, and how much processor the house and its parsers took for it.
func (h *house) costs(name string, file []byte) time.Duration {
	h.Helper()
	before := h.processor()
	h.deliverFile(name, file)
	return h.processor() - before
}

// processor is what the house and its parsers have used so far; a parser that has gone is counted by its parent.
func (h *house) processor() (sum time.Duration) {
	pid := strconv.Itoa(h.cmd.Process.Pid)
	for _, p := range append(parsersOf(pid), pid) {
		b, _ := os.ReadFile("/proc/" + p + "/stat")
		_, after, _ := strings.Cut(string(b), ") ")
		f := strings.Fields(after)
		for i := 11; i < len(f) && i < 15; i++ { // utime, stime, cutime, cstime (proc(5)), in hundredths of a second
			n, _ := strconv.Atoi(f[i])
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}
