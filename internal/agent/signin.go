package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// ErrWrong says that address and password do not belong together; it is the same for an account that does not exist.
var ErrWrong = errors.New("e-mail and password do not belong together")

// Try is a sign-in under way. It goes Knock (a short transaction), Check (slow, outside any), then Admit or Withdraw (a short transaction):
// so no connection waits while a password is checked, and guesses sent all at once are counted before the first is looked at.
type Try struct {
	Account string // name of the account in limits and in the device mark: says nothing about its address
	AgentID int64  // for the log; 0 when there is no such account

	stored   string
	counted  []int64 // the rows this try put down as a failure in advance
	personal string  // limit key that a success clears
	address  string
	browser  string
}

// Visitor is who tries: where from, with what, and the mark of a browser that has been signed in to this account before ("" for none).
type Visitor struct {
	Address   string
	UserAgent string
	Device    string
}

// Account is the name of an account by the address that was typed.
func Account(email string) string {
	if normal, ok := normalEmail(email); ok {
		email = normal
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	return hex.EncodeToString(sum[:16])
}

// Knock counts the try and finds the account. *TooMany when the account, the address or the browser has had its share.
func Knock(ctx context.Context, tx *pg.Tx, email string, v Visitor) (*Try, error) {
	t := &Try{Account: Account(email), address: v.Address, browser: v.UserAgent}
	limits := signInLimits(t.Account, v)
	t.personal = limits[0].key
	var err error
	if t.counted, err = count(ctx, tx, limits); err != nil {
		return nil, err
	}
	normal, ok := normalEmail(email)
	if !ok {
		return t, nil
	}
	row, err := pg.One[struct {
		ID           int64
		PasswordHash string
	}](ctx, tx, `SELECT id, password_hash FROM agent WHERE email = $1 AND active`, normal)
	if errors.Is(err, fault.NotFound) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the account: %w", err)
	}
	t.AgentID, t.stored = row.ID, row.PasswordHash
	return t, nil
}

// Check looks at the password: nil, ErrWrong or ErrBusy. It takes about 30 ms of one core and 19 MiB; only a few run at once.
func (t *Try) Check(ctx context.Context, password string) error {
	if tooLong(password) {
		return ErrWrong
	}
	ok, err := matches(ctx, password, t.stored)
	if err != nil {
		return err
	}
	if !ok {
		return ErrWrong
	}
	return nil
}

// Admit opens a new session after Check said nil, and returns its id.
func Admit(ctx context.Context, tx *pg.Tx, t *Try) (string, error) {
	if err := Withdraw(ctx, tx, t); err != nil {
		return "", err
	}
	if _, err := pg.Exec(ctx, tx, `DELETE FROM sign_in_failure WHERE key = $1`, t.personal); err != nil {
		return "", fmt.Errorf("clear refused sign-ins: %w", err)
	}
	return Enter(ctx, tx, t.AgentID, t.address, t.browser)
}

// Withdraw takes back what Knock counted: the try was no failure, or could not be judged.
func Withdraw(ctx context.Context, tx *pg.Tx, t *Try) error {
	if _, err := pg.Exec(ctx, tx, `DELETE FROM sign_in_failure WHERE id = ANY($1)`, t.counted); err != nil {
		return fmt.Errorf("take back a try: %w", err)
	}
	return nil
}
