package config

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Keys derives a key for each purpose from the one secret, by HKDF (RFC 5869) with the purpose and a version as info, so that learning one
// key tells nothing about another.
type Keys struct{ secret string }

// errShort refuses a secret that could be guessed.
var errShort = errors.New("must have at least 32 characters; `openssl rand -hex 32` makes one")

// NewKeys takes a secret as a file or a pipe has it, with the end of its line.
func NewKeys(secret string) (Keys, error) {
	if secret = strings.TrimSpace(secret); len(secret) < 32 {
		return Keys{}, errShort
	}
	return Keys{secret}, nil
}

// GenerateKeys draws a secret of 256 bits.
func GenerateKeys() Keys {
	random := make([]byte, 32)
	rand.Read(random) // never fails
	return Keys{hex.EncodeToString(random)}
}

// Keys returns the keys of this installation: from FRONTDESK_SECRET_KEY, else from the file secret.key in the data directory, which is made
// on first use. Losing that file loses the sealed passwords.
func (c Config) Keys() (Keys, error) {
	if c.secret != "" {
		return Keys{c.secret}, nil
	}
	k, err := readKeyFile(c.KeyFile())
	if errors.Is(err, os.ErrNotExist) {
		return makeKeyFile(c.KeyFile())
	}
	return k, err
}

// KeysThere are the keys of this installation if it has any yet; none are made.
func (c Config) KeysThere() (k Keys, ok bool, err error) {
	if c.secret != "" {
		return Keys{c.secret}, true, nil
	}
	k, err = readKeyFile(c.KeyFile())
	if errors.Is(err, os.ErrNotExist) {
		return k, false, nil
	}
	return k, err == nil, err
}

// KeyFile is where the key is kept, "" when the environment gives it.
func (c Config) KeyFile() string {
	if c.secret != "" {
		return ""
	}
	return filepath.Join(c.DataDir, "secret.key")
}

func readKeyFile(path string) (Keys, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Keys{}, fmt.Errorf("read the secret key: %w", err)
	}
	k, err := NewKeys(string(b))
	if err != nil {
		return Keys{}, fmt.Errorf("%s holds no key; restore it from a backup", path)
	}
	return k, nil
}

// makeKeyFile writes a new key beside its place and links it there, which fails when another process was first: then that one's counts.
func makeKeyFile(path string) (Keys, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return Keys{}, fmt.Errorf("make the data directory: %w", err)
	}
	fresh, err := writeKeyBeside(path, GenerateKeys())
	if err != nil {
		return Keys{}, err
	}
	defer os.Remove(fresh)
	if err := os.Link(fresh, path); err != nil && !errors.Is(err, os.ErrExist) {
		return Keys{}, fmt.Errorf("put the secret key in place: %w", err)
	}
	return readKeyFile(path)
}

// writeKeyBeside writes the key into a file of its own, on disk when it returns, and names it.
func writeKeyBeside(path string, k Keys) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "secret.key.*")
	if err != nil {
		return "", fmt.Errorf("make the secret key: %w", err)
	}
	_, err = f.WriteString(k.secret + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("write the secret key: %w", err)
	}
	return f.Name(), nil
}

// Session authenticates the session cookie, 32 bytes.
func (k Keys) Session() []byte { return k.derive("session", 1) }

// MessageID signs the Message-IDs we give, 32 bytes (DECISIONS, Outgoing).
func (k Keys) MessageID() []byte { return k.derive("message-id", 1) }

// Seal encrypts the mailbox passwords, 32 bytes for AES-256.
func (k Keys) Seal() []byte { return k.derive("seal", 1) }

// Check is kept in the database, in clear: a process with another secret computes another value and refuses to start.
func (k Keys) Check() string { return hex.EncodeToString(k.derive("check", 1)[:16]) }

// ID is the beginning of Check: people tell keys apart by it.
func (k Keys) ID() string { return k.Check()[:8] }

// Secret is what all keys come from, as FRONTDESK_SECRET_KEY has it. It is shown to the operator who asked for a new one, and to nobody else.
func (k Keys) Secret() string { return k.secret }

func (k Keys) derive(purpose string, version int) []byte {
	key, err := hkdf.Key(sha256.New, []byte(k.secret), nil, fmt.Sprintf("frontdesk %s %d", purpose, version), 32)
	if err != nil {
		panic(err) // only for lengths beyond 255 hashes
	}
	return key
}
