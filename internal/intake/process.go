package intake

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	"frontdesk/internal/blob"
)

// process is a running parse child and this side of the conversation with it. It belongs to one goroutine; only kill may come from another.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	head   bytes.Buffer
	heads  *gob.Decoder
	said   tail
	mails  int
	killed sync.Once
}

// errStart says that no child could be started: nothing the mail did.
var errStart = errors.New("start a parse child")

func startProcess(command []string) (*process, error) {
	p := &process{cmd: exec.Command(command[0], command[1:]...)}
	p.cmd.Env = []string{}
	p.cmd.Dir = "/"
	p.cmd.Stderr = &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the parent, which finishes first
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStart, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStart, err)
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 64<<10)
	p.heads = gob.NewDecoder(&p.head)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", errStart, err)
	}
	return p, nil
}

// errSource marks a failure to read the raw mail or to spool a file: the surroundings, not the message.
type errSource struct{ error }

func (e errSource) Unwrap() error { return e.error }

// parse has one mail parsed. The bytes of attachments are spooled one by one, so this side never holds them all. While the raw mail is read and a file
// is written, w is paused: a slow database or disk is not the mail's fault.
func (p *process) parse(dir string, raw io.Reader, size int64, how byte, w *watch) (u understood, files []*blob.Spooled, err error) {
	defer func() {
		if err != nil {
			closeAll(files)
			files = nil
		}
	}()
	p.mails++
	if err := p.send(&source{r: raw, pause: w.pause}, size, how); err != nil {
		return u, nil, err
	}
	head, err := readFrame(p.out, maxHead)
	if err != nil {
		return u, nil, err
	}
	p.head.Write(head)
	if err := p.heads.Decode(&u); err != nil {
		return u, nil, err
	}
	for range u.Mail.Attachments {
		n, err := readSize(p.out, maxRequest)
		if err != nil {
			return u, files, err
		}
		f, err := spool(dir, p.out, n, w.pause)
		if err != nil {
			return u, files, err
		}
		files = append(files, f)
	}
	return u, files, nil
}

func (p *process) send(src *source, size int64, how byte) error {
	w := bufio.NewWriterSize(p.in, 64<<10)
	if err := writeSize(w, size+1); err != nil {
		return err
	}
	if err := w.WriteByte(how); err != nil {
		return err
	}
	n, err := io.Copy(w, src)
	if src.err != nil || err == nil && n != size {
		return errSource{fmt.Errorf("read the raw mail (%d of %d bytes): %w", n, size, errors.Join(src.err, err))}
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// source remembers a failure of the reader, to tell it from one of the writer.
type source struct {
	r     io.Reader
	pause func() (resume func()) // nil where it is the child that is waited for
	err   error
}

func (s *source) Read(b []byte) (int, error) {
	if s.pause != nil {
		defer s.pause()()
	}
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// spool takes exactly n bytes from the child. A broken spool file is the disk's fault, an early end the child's.
func spool(dir string, r io.Reader, n int64, pause func() (resume func())) (*blob.Spooled, error) {
	w := blob.NewWriter(dir)
	src := &source{r: io.LimitReader(r, n)}
	got, err := io.Copy(sink{w, pause}, src)
	switch {
	case src.err != nil || err == nil && got != n:
		w.Close()
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		w.Close()
		return nil, errSource{err}
	}
	return w.Done(), nil
}

// sink is a spool whose time is ours.
type sink struct {
	w     io.Writer
	pause func() (resume func())
}

func (s sink) Write(b []byte) (int, error) {
	defer s.pause()()
	return s.w.Write(b)
}

func closeAll(files []*blob.Spooled) {
	for _, f := range files {
		f.Close()
	}
}

// kill ends the child at once.
func (p *process) kill() {
	p.killed.Do(func() { _ = p.cmd.Process.Kill() })
}

// end lets the child go and waits until it is gone. What it said last is kept.
func (p *process) end() string {
	_ = p.in.Close()
	p.kill()
	_ = p.cmd.Wait()
	return p.said.String()
}

// memory is the child's resident memory in bytes, 0 where the system does not say.
func (p *process) memory() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	var total, resident int64
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscan(string(b), &total, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}

// tail keeps the beginning of what the child writes to stderr: a panic says there what it is.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[:min(len(p), 2000-len(t.b))]...)
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, _, _ := strings.Cut(strings.ToValidUTF8(string(t.b), "?"), "\n")
	return strings.ReplaceAll(line, "\x00", "")
}
