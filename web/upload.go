package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// How much a form with files may hold together, and how long it may travel as long as some of it arrives every half minute.
const (
	mostFiles = 125_000_000
	longest   = 15 * time.Minute
)

// received is a form with files that came whole. What was wrong with a file stands in bad; the rest is there all the same.
type received struct {
	fields url.Values
	files  []ticket.Upload
	bad    fault.Invalid
}

type receivedKey struct{}

// receivedWith is what withFiles read; nothing where the form had no files.
func receivedWith(r *http.Request) received {
	got, _ := r.Context().Value(receivedKey{}).(received)
	return got
}

func carriesFiles(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// withFiles reads a form with files before its handler runs: each file is spooled while it travels, so that neither memory nor a transaction waits
// for a slow line. Who may not write there is refused before the first byte is taken.
func (s *Server) withFiles(kind string, do handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !carriesFiles(r) {
			return do(w, r)
		}
		id, err := number(r, "ticket")
		if err != nil {
			return err
		}
		of := kind
		if of == "" {
			if of, err = param(r, "kind"); err != nil {
				return err
			}
		}
		if err := ticket.MayAttach(r.Context(), s.db, me(r), id, of); err != nil {
			return err
		}
		got, err := s.receive(w, r)
		defer func() {
			for _, f := range got.files {
				f.Bytes.Close()
			}
		}()
		if err != nil {
			return err
		}
		keepWriting(w)
		// What has arrived is done to its end, as every deed is (limited).
		ctx, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(r.Context()), receivedKey{}, got), s.patience+readTime)
		defer cancel()
		return do(w, r.WithContext(ctx))
	}
}

// receive reads the parts of a form in the order they come.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (received, error) {
	got := received{fields: url.Values{}, bad: fault.Invalid{}}
	r.Body = &arriving{r.Body, http.NewResponseController(w), time.Now().Add(longest)}
	parts, err := r.MultipartReader()
	if err != nil {
		return got, fmt.Errorf("%w: %w", errForm, err)
	}
	room := int64(medium)
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			got.fields = cleaned(got.fields)
			return got, nil
		}
		if err == nil && p.FileName() == "" {
			err = got.field(p, &room)
		} else if err == nil {
			err = got.file(p, s.temp)
		}
		if large := new(http.MaxBytesError); errors.As(err, &large) && large.Limit == mostFiles {
			// The text came before the files: it is not lost to them.
			got.bad["files"] = fault.Because(text.RefusalFilesTooLarge, "limit", text.Bytes(mostFiles))
			got.fields = cleaned(got.fields)
			return got, nil
		}
		if err != nil {
			return got, torn(err)
		}
	}
}

// torn says whose fault it is that a form ended early.
func torn(err error) error {
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return err
	}
	if errors.Is(err, errSpool) {
		return err
	}
	return fmt.Errorf("%w: %w", errForm, err)
}

// errSpool says that there was no room for a file on our side.
var errSpool = errors.New("a file cannot be spooled")

// perField is what a field costs however short it is.
const perField = 128

// field reads a value; all of them together, with their names, have the room of a form without files.
func (got *received) field(p *multipart.Part, room *int64) error {
	*room -= int64(perField + len(p.FormName()))
	b, err := io.ReadAll(io.LimitReader(p, max(*room, 0)+1))
	if err != nil {
		return err
	}
	if *room -= int64(len(b)); *room < 0 {
		return &http.MaxBytesError{Limit: medium}
	}
	if p.FormName() != "" {
		got.fields.Add(p.FormName(), string(b))
	}
	return nil
}

// file spools a file; of one that is too large the rest is let go.
func (got *received) file(p *multipart.Part, temp string) error {
	if len(got.files) == ticket.MaxFiles {
		got.bad["files"] = fault.Because(text.RefusalTooManyFiles, "limit", ticket.MaxFiles, "name", ticket.FileName(nameOf(p)))
		_, err := io.Copy(io.Discard, p)
		return err
	}
	out := blob.NewWriter(temp)
	if _, err := io.Copy(out, io.LimitReader(p, ticket.MaxFile+1)); err != nil {
		out.Close()
		if out.Err() != nil {
			return fmt.Errorf("%w: %w", errSpool, err)
		}
		return err
	}
	f := ticket.Upload{Name: nameOf(p), Type: typeOf(p), Bytes: out.Done()}
	if f.Bytes.Size <= ticket.MaxFile {
		got.files = append(got.files, f)
		return nil
	}
	f.Bytes.Close()
	var bad fault.Invalid
	if errors.As(ticket.TooLarge(f.Name), &bad) {
		got.bad["files"] = bad["files"]
	}
	_, err := io.Copy(io.Discard, p)
	return err
}

// nameOf is the name of a file. Of the signs in it browsers write a quotation mark otherwise (HTML, multipart/form-data encoding).
func nameOf(p *multipart.Part) string { return strings.ReplaceAll(p.FileName(), "%22", `"`) }

// typeOf is what the browser says of a file.
func typeOf(p *multipart.Part) string {
	kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}

// arriving reads a body that may travel long: as long as some of it arrives every half minute, it goes on until the end.
type arriving struct {
	io.ReadCloser
	deadline interface{ SetReadDeadline(at time.Time) error }
	end      time.Time
}

func (a *arriving) Read(p []byte) (int, error) {
	at := time.Now().Add(readTime)
	if at.After(a.end) {
		at = a.end
	}
	_ = a.deadline.SetReadDeadline(at) // tests' recorders know no deadlines; every real connection does
	return a.ReadCloser.Read(p)
}
