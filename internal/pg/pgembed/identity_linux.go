package pgembed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// namespaced is for root in a directory that no other user may enter, and for a user without a name. Containers may forbid it.
func namespaced(dir string) (identity, error) {
	id := identity{uid: -1, gid: -1, namespace: true}
	try := exec.Command("true")
	try.SysProcAttr = id.attributes()
	if err := try.Run(); err != nil {
		return self, fmt.Errorf("the private database would need a user namespace to run in %s as user %d, and this machine allows none; "+
			"run frontdesk as an ordinary user with FRONTDESK_DATA_DIR in a place of its own, or set FRONTDESK_DATABASE_URL", dir, os.Geteuid())
	}
	return id, nil
}

// attributes start a process as this identity: in a process group of its own, so that Ctrl-C reaches us first, and told to shut down fast
// when the thread that started it dies.
func (i identity) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	switch {
	case i.namespace:
		a.Cloneflags = syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 65534, HostID: os.Geteuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 65534, HostID: os.Getegid(), Size: 1}}
		a.Credential = &syscall.Credential{Uid: 65534, Gid: 65534, NoSetGroups: true}
	case i.uid >= 0:
		a.Credential = &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}
	}
	return a
}

// isPostgres tells whether pid is a postmaster that works in dir, and not a stranger who got its number.
func isPostgres(pid int, dir string) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || filepath.Base(strings.TrimSuffix(exe, " (deleted)")) != "postgres" {
		return false
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	real, _ := filepath.EvalSymlinks(dir)
	return err == nil && (cwd == dir || cwd == real)
}
