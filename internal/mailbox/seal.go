package mailbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// sealVersion is the first byte of a sealed password: AES-256-GCM under the first key derived for it.
const sealVersion = 1

// errSealed says nothing about what was tried: neither key nor password may leak.
var errSealed = errors.New("the sealed password cannot be opened with this installation's key")

// Sealer keeps mailbox passwords, and the Message-ID keys of the past, unreadable to whoever has the database but not the key (ASVS 13.3.1).
//
// A sealed value does not say under which key: the database does, in the check value that Reseal's transaction changes with all of them.
type Sealer struct{ aead cipher.AEAD }

// NewSealer takes the 32 bytes derived for sealing from FRONTDESK_SECRET_KEY.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the sealing key has %d bytes, not 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("prepare sealing: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("prepare sealing: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal encrypts a password: version, nonce, ciphertext, padded so that its length is not told.
func (s *Sealer) Seal(password Secret) []byte { return s.seal([]byte(password), ofPassword) }

func (s *Sealer) seal(plain, purpose []byte) []byte {
	return s.aead.Seal([]byte{sealVersion}, nil, pad(plain), purpose)
}

// Open decrypts what Seal made. Its error is the same whatever is wrong.
func (s *Sealer) Open(sealed []byte) (Secret, error) {
	plain, err := s.open(sealed, ofPassword)
	return Secret(plain), err
}

func (s *Sealer) open(sealed, purpose []byte) ([]byte, error) {
	if len(sealed) < 1 || sealed[0] != sealVersion {
		return nil, errSealed
	}
	plain, err := s.aead.Open(nil, nil, sealed[1:], purpose)
	if err != nil {
		return nil, errSealed
	}
	for i := len(plain) - 1; i >= 0; i-- {
		if plain[i] == 0x80 {
			return plain[:i], nil
		}
	}
	return nil, errSealed
}

// The purpose is bound to the ciphertext, so that nothing sealed for another can stand in its place.
var (
	ofPassword = []byte("frontdesk mailbox password")
	ofIDKey    = []byte("frontdesk retired message-id key")
)

// pad appends 0x80 and zeros up to a multiple of 64 bytes (ISO/IEC 7816-4).
func pad(b []byte) []byte {
	out := append(make([]byte, 0, len(b)/64*64+64), b...)
	out = append(out, 0x80)
	return append(out, make([]byte, (64-len(out)%64)%64)...)
}

// NewKey makes a random key, for tests and trials.
func NewKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return key
}
