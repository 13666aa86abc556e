//go:build !linux

package pgembed

import (
	"errors"
	"syscall"
)

func namespaced(string) (identity, error) {
	return self, errors.New("the private database cannot run as this user; start frontdesk as an ordinary user or set FRONTDESK_DATABASE_URL")
}

// attributes start a process as this identity, in a process group of its own so that Ctrl-C reaches us first.
func (i identity) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if i.uid >= 0 {
		a.Credential = &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}
	}
	return a
}

// isPostgres cannot look at the program here, so any live process counts.
func isPostgres(pid int, _ string) bool { return syscall.Kill(pid, 0) == nil }
