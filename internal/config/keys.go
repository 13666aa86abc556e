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

// Keys returns the keys of this installation: from FRONTDESK_SECRET_KEY, else from the file secret.key in the data directory, which is made
// on first use. Losing that file loses the sealed passwords.
func (c Config) Keys() (Keys, error) {
	if c.secret != "" {
		return Keys{c.secret}, nil
	}
	path := filepath.Join(c.DataDir, "secret.key")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeKeyFile(path)
	}
	if err != nil {
		return Keys{}, fmt.Errorf("read the secret key: %w", err)
	}
	return keysOf(path, b)
}

func keysOf(path string, b []byte) (Keys, error) {
	secret := strings.TrimSpace(string(b))
	if len(secret) < 32 {
		return Keys{}, fmt.Errorf("%s holds no key; restore it from a backup", path)
	}
	return Keys{secret}, nil
}

// makeKeyFile writes a new key beside its place and links it there, which fails when another process was first: then that one's counts.
func makeKeyFile(path string) (Keys, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return Keys{}, fmt.Errorf("make the data directory: %w", err)
	}
	random := make([]byte, 32)
	rand.Read(random) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), "secret.key.*")
	if err != nil {
		return Keys{}, fmt.Errorf("make the secret key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(random) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Keys{}, fmt.Errorf("write the secret key: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return Keys{}, fmt.Errorf("put the secret key in place: %w", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Keys{}, fmt.Errorf("read the secret key: %w", err)
	}
	return keysOf(path, b)
}

// Session authenticates the session cookie, 32 bytes.
func (k Keys) Session() []byte { return k.derive("session", 1) }

// MessageID signs the Message-IDs we give, 32 bytes (DECISIONS, Outgoing).
func (k Keys) MessageID() []byte { return k.derive("message-id", 1) }

// Seal encrypts the mailbox passwords, 32 bytes for AES-256.
func (k Keys) Seal() []byte { return k.derive("seal", 1) }

// Check is kept in the database, in clear: a process with another secret computes another value and refuses to start.
func (k Keys) Check() string { return hex.EncodeToString(k.derive("check", 1)[:16]) }

func (k Keys) derive(purpose string, version int) []byte {
	key, err := hkdf.Key(sha256.New, []byte(k.secret), nil, fmt.Sprintf("frontdesk %s %d", purpose, version), 32)
	if err != nil {
		panic(err) // only for lengths beyond 255 hashes
	}
	return key
}
