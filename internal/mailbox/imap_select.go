package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Folder is what SELECT says. UIDNext is 0 where the server does not tell.
type Folder struct {
	Name        string
	Messages    uint32
	UIDValidity uint32
	UIDNext     UID
	// KeepsSeen is false where the server will not remember \Seen: every poll would see the same mail as unread.
	KeepsSeen bool
}

// Select opens a folder for reading and marking. A server that gives no UIDVALIDITY is refused: without it no mail can be told from
// another.
func (m *IMAP) Select(ctx context.Context, folder string) (Folder, error) {
	return m.choose(ctx, folder, false)
}

func (m *IMAP) choose(ctx context.Context, folder string, readOnly bool) (Folder, error) {
	var f Folder
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		d, err := m.c.Select(folder, &imap.SelectOptions{ReadOnly: readOnly}).Wait()
		if err != nil {
			return err
		}
		if d.UIDValidity == 0 {
			return fmt.Errorf("%w: the folder has no UIDVALIDITY", ErrNonsense)
		}
		keeps := len(d.PermanentFlags) == 0 || slices.Contains(d.PermanentFlags, imap.FlagSeen) || slices.Contains(d.PermanentFlags, imap.FlagWildcard)
		f = Folder{Name: folder, Messages: d.NumMessages, UIDValidity: d.UIDValidity, UIDNext: d.UIDNext, KeepsSeen: keeps}
		m.folder = folder
		return nil
	})
	if err != nil {
		return Folder{}, fmt.Errorf("open folder %q: %w", folder, err)
	}
	return f, nil
}

// FolderInfo is one line of the folder list.
type FolderInfo struct {
	Name string
	Use  string // special use: Sent, Archive, Drafts, Junk, Trash, All, Flagged; empty where the server does not say
}

// Folders lists the folders that can be opened.
func (m *IMAP) Folders(ctx context.Context) ([]FolderInfo, error) {
	var out []FolderInfo
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		var opt *imap.ListOptions
		if caps := m.c.Caps(); caps.Has(imap.CapSpecialUse) && caps.Has(imap.CapListExtended) {
			opt = &imap.ListOptions{ReturnSpecialUse: true}
		}
		list, err := m.c.List("", "*", opt).Collect()
		if err != nil {
			return err
		}
		for _, l := range list {
			if !slices.ContainsFunc(l.Attrs, func(a imap.MailboxAttr) bool {
				return a == imap.MailboxAttrNoSelect || a == imap.MailboxAttrNonExistent
			}) {
				out = append(out, FolderInfo{Name: l.Mailbox, Use: specialUse(l.Attrs)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	return out, nil
}

func specialUse(attrs []imap.MailboxAttr) string {
	for _, a := range attrs {
		for _, use := range []string{"Sent", "Archive", "Drafts", "Junk", "Trash", "All", "Flagged"} {
			if strings.EqualFold(string(a), `\`+use) {
				return use
			}
		}
	}
	return ""
}
