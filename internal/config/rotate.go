package config

import (
	"errors"
	"fmt"
	"os"

	"frontdesk/internal/disk"
)

// A key kept in a file changes in two steps, because database and file cannot change in one. StageKeys lays the next key on disk beside the
// present one; then the database commits to it; then AdoptKeys puts it in its place. Whoever starts in between finds that the database names the
// staged key, and adopts it. A key that the environment gives is the operator's to change, so both have nothing to do then.

const staged = ".next"

// StageKeys lays next beside the present key, on disk when it returns. The present key gets a second name that stays, secret.key.<its ID>: backups
// made until now open with it.
func (c Config) StageKeys(next Keys) error {
	path := c.KeyFile()
	if path == "" {
		return nil
	}
	present, err := readKeyFile(path)
	if err != nil {
		return err
	}
	if err := os.Link(path, OldKeyFile(path, present)); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("keep the present secret key: %w", err)
	}
	fresh, err := writeKeyBeside(path, next)
	if err != nil {
		return err
	}
	return rename(fresh, path+staged)
}

// OldKeyFile is where StageKeys keeps a key that is replaced.
func OldKeyFile(path string, k Keys) string { return path + "." + k.ID() }

// AdoptKeys returns the key with that check value if it is staged, or by now in place, and sees to it that it is in place. ok is false when this
// installation does not have it.
func (c Config) AdoptKeys(check string) (k Keys, ok bool, err error) {
	path := c.KeyFile()
	if path == "" {
		return Keys{}, false, nil
	}
	k, err = readKeyFile(path + staged)
	if err == nil && k.Check() == check {
		if err := rename(path+staged, path); err == nil || !errors.Is(err, os.ErrNotExist) { // else another process was faster
			return k, err == nil, err
		}
	}
	k, err = readKeyFile(path)
	if err != nil {
		return Keys{}, false, err
	}
	return k, k.Check() == check, nil
}

// rename puts a key where it belongs, and its name on disk.
func rename(from, to string) error {
	if err := disk.Rename(from, to); err != nil {
		return fmt.Errorf("put the secret key in place: %w", err)
	}
	return nil
}
