package mailbox

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"
)

// Examine opens a folder for reading only: nothing that is done there marks a message.
func (m *IMAP) Examine(ctx context.Context, folder string) (Folder, error) {
	return m.choose(ctx, folder, true)
}

// WithMessageID names the messages of the opened folder that have this Message-ID (without brackets), in rising order.
func (m *IMAP) WithMessageID(ctx context.Context, id string) ([]UID, error) {
	uids, err := m.search(ctx, 1, imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}}})
	if err != nil {
		return nil, fmt.Errorf("look for a message in %q: %w", m.folder, err)
	}
	return uids, nil
}

// FindMessageID tells whether a folder holds a message with this Message-ID (without brackets). It leaves that folder opened for reading
// only: use a connection of its own, or Select again.
func (m *IMAP) FindMessageID(ctx context.Context, folder, id string) (bool, error) {
	if _, err := m.Examine(ctx, folder); err != nil {
		return false, err
	}
	uids, err := m.WithMessageID(ctx, id)
	return len(uids) > 0, err
}
