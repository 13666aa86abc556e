package pgembed

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// identity is who the server's programs run as. Postgres refuses root, and initdb refuses a user without a passwd entry.
type identity struct {
	uid, gid  int  // -1: the user we are
	namespace bool // inside a user namespace in which we are called nobody (Linux)
}

var self = identity{uid: -1, gid: -1}

// newIdentity chooses for a new cluster. Root becomes postgres, else nobody; where that user could not reach the directory (below /root),
// and for a user without a name, a user namespace does it.
func newIdentity(dataDir string) (identity, error) {
	if os.Geteuid() != 0 {
		if _, err := user.LookupId(strconv.Itoa(os.Geteuid())); err != nil {
			return namespaced(dataDir)
		}
		return self, nil
	}
	id := identity{uid: 65534, gid: 65534}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			id.uid, _ = strconv.Atoi(u.Uid)
			id.gid, _ = strconv.Atoi(u.Gid)
			break
		}
	}
	if id.canEnter(dataDir) {
		return id, nil
	}
	return namespaced(dataDir)
}

// ownerOf returns who an existing cluster must run as: the one who owns its files.
func ownerOf(dir string) (identity, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return self, fmt.Errorf("look at %s: %w", dir, err)
	}
	owner := st.Sys().(*syscall.Stat_t)
	switch {
	case int(owner.Uid) != os.Geteuid() && os.Geteuid() == 0:
		return identity{uid: int(owner.Uid), gid: int(owner.Gid)}, nil
	case int(owner.Uid) != os.Geteuid():
		return self, fmt.Errorf("the data in %s belongs to user %d, not to you", dir, owner.Uid)
	}
	if _, err := user.LookupId(strconv.Itoa(os.Geteuid())); err != nil || os.Geteuid() == 0 {
		return namespaced(dir) // as when it was made
	}
	return self, nil
}

// mkdir makes a directory only this identity may look into, and refuses one that somebody else laid there first.
func (i identity) mkdir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner := int(st.Sys().(*syscall.Stat_t).Uid)
	if !st.IsDir() || owner != os.Geteuid() && owner != i.uid {
		return fmt.Errorf("%s is not ours", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	if i.uid < 0 {
		return nil
	}
	return os.Chown(dir, i.uid, i.gid)
}

// canEnter tells whether the identity reaches what lies in dir: every directory on the way must let others pass.
func (i identity) canEnter(dir string) bool {
	if i.uid < 0 {
		return true
	}
	for ; ; dir = filepath.Dir(dir) {
		st, err := os.Stat(dir)
		if err != nil || st.Mode()&0o001 == 0 {
			return false
		}
		if dir == "/" {
			return true
		}
	}
}
