package pgembed

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func namespaced() (identity, error) {
	return identity{uid: -1, gid: -1, namespace: true}, nil
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
