package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// The measures of files in a composer (PRODUCT C1).
const (
	MaxFile  = 25_000_000 // bytes of one
	MaxFiles = 20         // of one message
)

// Upload is a file that came whole, with the name and type its browser gave.
type Upload struct {
	Name  string
	Type  string
	Bytes *blob.Spooled
}

// DraftFile is a file that waits in a composer.
type DraftFile struct {
	ID   int64
	Kind string // of the draft
	Name string
	Type string
	Size int64
}

// MayAttach asks for the right to write in a ticket, before the bytes of a file are taken.
func MayAttach(ctx context.Context, r pg.Reader, by agent.Agent, id int64, kind string) error {
	if kind != DraftReply && kind != DraftComment {
		return fault.NotFound
	}
	return mayWrite(ctx, r, by, id, "")
}

// AddDraftFile puts a file into the agent's draft, which begins with it if there is none: nobody else sees it, and it is there on another device.
// What a message cannot carry is refused here already.
func AddDraftFile(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, kind string, u Upload) (DraftFile, error) {
	if err := MayAttach(ctx, tx, by, id, kind); err != nil {
		return DraftFile{}, err
	}
	f := DraftFile{Kind: kind, Name: FileName(u.Name), Type: clip(oneLine(u.Type), 127), Size: u.Bytes.Size}
	if f.Size > MaxFile {
		return DraftFile{}, TooLarge(f.Name)
	}
	// The row is locked: files that come at the same time are counted one after the other.
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO draft (agent_id, ticket_id, kind, fields, changed_at) VALUES ($1, $2, $3, '{}', $4)
		ON CONFLICT (agent_id, ticket_id, kind) DO UPDATE SET changed_at = excluded.changed_at`, by.ID, id, kind, tx.Now)
	if err != nil {
		return DraftFile{}, fmt.Errorf("keep a file: %w", err)
	}
	sizes, err := pg.List[int64](ctx, tx, `SELECT size FROM draft_file WHERE agent_id = $1 AND ticket_id = $2 AND kind = $3`, by.ID, id, kind)
	if err != nil {
		return DraftFile{}, fmt.Errorf("keep a file: %w", err)
	}
	if len(sizes) >= MaxFiles {
		return DraftFile{}, fault.Invalid{"files": fault.Because(text.RefusalTooManyFiles, "limit", MaxFiles, "name", f.Name)}
	}
	if kind == DraftReply {
		if err := fits(ctx, tx, id, 0, append(sizes, f.Size)); err != nil {
			return DraftFile{}, err
		}
	}
	blobID, err := blob.Put(ctx, tx, u.Bytes)
	if err != nil {
		return DraftFile{}, err
	}
	f.ID, err = pg.One[int64](ctx, tx, `
		INSERT INTO draft_file (agent_id, ticket_id, kind, blob_id, name, type, size, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		by.ID, id, kind, blobID, f.Name, f.Type, f.Size, tx.Now)
	if err != nil {
		return DraftFile{}, fmt.Errorf("keep a file: %w", err)
	}
	return f, nil
}

// DropDraftFile takes a file out of the agent's own draft. A draft that holds nothing more goes too.
func DropDraftFile(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, kind string, fileID int64) error {
	if err := MayAttach(ctx, tx, by, id, kind); err != nil {
		return err
	}
	n, err := pg.Exec(ctx, tx, `DELETE FROM draft_file WHERE id = $4 AND agent_id = $1 AND ticket_id = $2 AND kind = $3`, by.ID, id, kind, fileID)
	switch {
	case err != nil:
		return fmt.Errorf("drop a file: %w", err)
	case n == 0:
		return fmt.Errorf("file %d: %w", fileID, fault.NotFound)
	}
	return dropEmptyDraft(ctx, tx, by.ID, id, kind)
}

// DraftFileOf finds the bytes of a file in the agent's own draft.
func DraftFileOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64, kind string, fileID int64) (Stored, error) {
	f, err := pg.One[Stored](ctx, r, `
		SELECT f.name, f.blob_id, f.ticket_id, 0::bigint AS message_id, '' AS held_name, '' AS found FROM draft_file f JOIN ticket ON ticket.id = f.ticket_id
		WHERE f.id = @file AND f.agent_id = @me AND f.ticket_id = @id AND f.kind = @kind AND `+visible, seeing(by, named("id", id, "kind", kind, "file", fileID, "me", by.ID)))
	if err != nil {
		return Stored{}, fmt.Errorf("file %d of a draft: %w", fileID, err)
	}
	return f, nil
}

// dropEmptyDraft drops a draft without text and files.
func dropEmptyDraft(ctx context.Context, tx *pg.Tx, agentID, ticketID int64, kind string) error {
	_, err := pg.Exec(ctx, tx, `
		DELETE FROM draft d WHERE agent_id = $1 AND ticket_id = $2 AND kind = $3 AND COALESCE(fields ->> 'text', '') = ''
			AND NOT EXISTS (SELECT FROM draft_file f WHERE f.agent_id = d.agent_id AND f.ticket_id = d.ticket_id AND f.kind = d.kind)`, agentID, ticketID, kind)
	if err != nil {
		return fmt.Errorf("drop an empty draft: %w", err)
	}
	return nil
}

// picked are the files of a draft that a form sends: Keep go with the message, Drop were shown and are not wanted.
type picked struct {
	keep, drop []int64
	files      []DraftFile
}

// pick finds the files a form names among those of the agent's draft. One that is gone meanwhile is told, for the writer means to send it.
func pick(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, kind string, keep, drop []int64) (picked, error) {
	p := picked{keep: keep, drop: drop}
	if len(keep) == 0 {
		return p, nil
	}
	var err error
	p.files, err = pg.List[DraftFile](ctx, tx, `
		SELECT id, kind, name, type, size FROM draft_file WHERE agent_id = $1 AND ticket_id = $2 AND kind = $3 AND id = ANY($4) ORDER BY id FOR UPDATE`, by.ID, id, kind, keep)
	if err != nil {
		return p, fmt.Errorf("find the files of a draft: %w", err)
	}
	for _, want := range keep {
		if !slices.ContainsFunc(p.files, func(f DraftFile) bool { return f.ID == want }) {
			return p, fault.Invalid{"files": fault.Because(text.RefusalFileGone)}
		}
	}
	return p, nil
}

func (p picked) names() (names []string) {
	for _, f := range p.files {
		names = append(names, f.Name)
	}
	return names
}

func (p picked) sizes() (sizes []int64) {
	for _, f := range p.files {
		sizes = append(sizes, f.Size)
	}
	return sizes
}

// into hands the files over to the message. What the form neither kept nor dropped it did not show: that stays in the draft.
func (p picked) into(ctx context.Context, tx *pg.Tx, by agent.Agent, w Written, kind string) error {
	if len(p.files) > 0 {
		_, err := pg.Exec(ctx, tx, `
			WITH files AS (
				INSERT INTO message_file (message_id, blob_id, name, type, size, position)
				SELECT $2, blob_id, name, type, size, row_number() OVER (ORDER BY id) FROM draft_file WHERE id = ANY($3))
			UPDATE ticket SET has_files = true WHERE id = $1`, w.TicketID, w.MessageID, p.keep)
		if err != nil {
			return fmt.Errorf("attach files: %w", err)
		}
	}
	if _, err := pg.Exec(ctx, tx, `UPDATE draft SET fields = '{}', version = version + 1 WHERE agent_id = $1 AND ticket_id = $2 AND kind = $3`, by.ID, w.TicketID, kind); err != nil {
		return fmt.Errorf("empty a draft: %w", err)
	}
	return dropFiles(ctx, tx, by.ID, w.TicketID, kind, slices.Concat(p.keep, p.drop))
}

// dropFiles takes files out of a draft. One that holds nothing more goes too.
func dropFiles(ctx context.Context, tx *pg.Tx, agentID, ticketID int64, kind string, files []int64) error {
	_, err := pg.Exec(ctx, tx, `DELETE FROM draft_file WHERE agent_id = $1 AND ticket_id = $2 AND kind = $3 AND id = ANY($4)`, agentID, ticketID, kind, files)
	if err != nil {
		return fmt.Errorf("drop files: %w", err)
	}
	return dropEmptyDraft(ctx, tx, agentID, ticketID, kind)
}

// fits refuses a letter larger than its mail server takes, as it said when we last spoke to it.
func fits(ctx context.Context, r pg.Reader, ticketID int64, written int, files []int64) error {
	if len(files) == 0 {
		return nil
	}
	most, err := pg.One[int64](ctx, r, `
		SELECT s.max_size FROM ticket t JOIN queue q ON q.id = t.queue_id JOIN outbox_server s ON s.mailbox_id = COALESCE(q.mailbox_id, t.mailbox_id) WHERE t.id = $1`, ticketID)
	if errors.Is(err, fault.NotFound) || err == nil && most == 0 {
		return nil // it has not said
	}
	if err != nil {
		return fmt.Errorf("ask how large a letter may be: %w", err)
	}
	size := int64(4*written + 64<<10) // the text twice, encoded, and what it quotes
	for _, n := range files {
		size += n/57*78 + 2000 // lines of base64, and the head of the part
	}
	if size > most {
		return fault.Invalid{"files": fault.Because(text.RefusalTooBigForServer, "limit", text.Bytes(most), "found", text.Bytes(size))}
	}
	return nil
}

// TooLarge refuses a file larger than MaxFile.
func TooLarge(name string) error {
	return fault.Invalid{"files": fault.Because(text.RefusalFileTooLarge, "name", FileName(name), "limit", text.Bytes(MaxFile))}
}

// FileName makes a name safe to keep and to show: its last part, composed as most systems write it, without controls and marks that turn its
// ending round, of at most 150 letters with the ending.
func FileName(s string) string {
	s = strings.ReplaceAll(s, `\`, "/")
	s = norm.NFC.String(strings.ToValidUTF8(s[strings.LastIndexByte(s, '/')+1:], "_"))
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Cf, c):
			return -1
		case unicode.IsControl(c), c == '\u2028', c == '\u2029':
			return ' '
		}
		return c
	}, s)
	s = strings.TrimLeft(strings.Join(strings.Fields(s), " "), ".")
	if r := []rune(s); len(r) > 150 {
		s = string(r[:120]) + string(r[len(r)-30:])
	}
	if s == "" {
		return "file"
	}
	return s
}
