package agent

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"frontdesk/internal/text"
)

// Lengths of a password in characters (OWASP ASVS 6.2.1, 6.2.9). Longer ones are refused before they are hashed.
const (
	MinPassword = 8
	MaxPassword = 128
)

// ErrBusy says that too many passwords are being checked; the visitor may try again at once.
var ErrBusy = errors.New("too many passwords are being checked")

// cost is one of the equal choices of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds the memory of all hashes under way: 19 MiB each. Who waits longer than maxWait for a turn is told ErrBusy.
var hashing = make(chan struct{}, max(2, min(4, runtime.GOMAXPROCS(0))))

const maxWait = 5 * time.Second

// hash makes the PHC string that is stored.
func hash(ctx context.Context, password string) (string, error) {
	done, err := takeTurn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	h, err := argon2id.CreateHash(norm.NFKC.String(password), cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return h, nil
}

// matches takes the same time whether stored is a hash or empty, so an account that does not exist answers as one that does.
func matches(ctx context.Context, password, stored string) (bool, error) {
	done, err := takeTurn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	known, other := stored != "", nobody() // made for both, or the first unknown account would be the slow one
	if !known {
		stored = other
	}
	ok, err := argon2id.ComparePasswordAndHash(norm.NFKC.String(password), stored)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return ok && known, nil
}

// nobody is a hash that no password has.
var nobody = sync.OnceValue(func() string {
	h, err := argon2id.CreateHash(newSecret(), cost)
	if err != nil {
		panic(err) // only without randomness
	}
	return h
})

func takeTurn(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, ErrBusy)
	defer cancel()
	select {
	case hashing <- struct{}{}:
		return func() { <-hashing }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// tooLong is asked before anything costs time.
func tooLong(password string) bool {
	return len(password) > MaxPassword*utf8.UTFMax || utf8.RuneCountInString(password) > MaxPassword
}

// refusal tells why a new password is not accepted, "" when it is. context are words an attacker would try first: name and address.
func refusal(password string, context ...string) text.Key {
	switch {
	case tooLong(password):
		return text.AgentPasswordLong
	case !utf8.ValidString(password) || utf8.RuneCountInString(password) < MinPassword:
		return text.AgentPasswordShort
	case guessable(password, context):
		return text.AgentPasswordCommon
	}
	return ""
}

//go:embed common.txt
var commonList string

// common are words and runs of keys that stand at the head of every list of leaked passwords, lower case, without the digits and signs
// people put around them.
var common = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{"": true}
	for _, word := range strings.Fields(commonList) {
		words[word] = true
	}
	return words
})

// guessable finds what a guesser tries within the first thousands: a common word with decoration, few different characters, a run, or what
// is known of the person.
func guessable(password string, context []string) bool {
	p := strings.ToLower(norm.NFKC.String(password))
	bare := strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) })
	if common()[p] || common()[bare] || common()[plain(bare)] || few(p) || run(p) {
		return true
	}
	for _, known := range context {
		known = strings.ToLower(known)
		local, _, _ := strings.Cut(known, "@")
		if p == known || bare == strings.ReplaceAll(known, " ", "") || len(local) > 3 && bare == local {
			return true
		}
	}
	return false
}

// plain undoes the usual exchange of letters for figures.
func plain(s string) string { return figures.Replace(s) }

var figures = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func few(p string) bool {
	different := map[rune]bool{}
	for _, r := range p {
		different[r] = true
	}
	return len(different) < 4
}

// run recognises 12345678, abcdefgh and their reverse.
func run(p string) bool {
	up, down := true, true
	for i := 1; i < len(p); i++ {
		up = up && (p[i] == p[i-1]+1 || p[i-1] == '9' && p[i] == '0')
		down = down && (p[i] == p[i-1]-1 || p[i-1] == '0' && p[i] == '9')
	}
	return up || down
}
