package pgembed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"frontdesk/internal/disk"
)

const database = "frontdesk"

// cluster is the directory of data with the binaries and the user that fit it.
type cluster struct {
	dir string
	bin binaries
	as  identity
}

// findCluster lets the cluster that exists decide: its PG_VERSION selects the binaries, its owner the user. Without one it plans a new one
// for the first binaries found. It never plans a second cluster beside an existing one.
func findCluster(o Options) (cluster, error) {
	existing, _ := filepath.Glob(filepath.Join(o.DataDir, "pg*", "PG_VERSION"))
	existing = finished(existing)
	bins, err := findBinaries(o)
	if err != nil {
		return cluster{}, err
	}
	switch len(existing) {
	case 0:
		as, err := newIdentity(o.DataDir)
		return cluster{dir: filepath.Join(o.DataDir, "pg"+bins[0].major), bin: bins[0], as: as}, err
	case 1:
		return existingCluster(filepath.Dir(existing[0]), bins)
	}
	return cluster{}, fmt.Errorf("%s holds several clusters (%s); move all but the right one away", o.DataDir, strings.Join(existing, ", "))
}

// finished leaves out pg15.new, a creation that broke off.
func finished(versions []string) []string {
	var out []string
	for _, v := range versions {
		if !strings.HasSuffix(filepath.Dir(v), ".new") {
			out = append(out, v)
		}
	}
	return out
}

func existingCluster(dir string, bins []binaries) (cluster, error) {
	v, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if err != nil {
		return cluster{}, fmt.Errorf("read the version of %s: %w", dir, err)
	}
	major := strings.TrimSpace(string(v))
	var have []string
	for _, b := range bins {
		if b.major == major {
			as, err := ownerOf(dir)
			return cluster{dir: dir, bin: b, as: as}, err
		}
		have = append(have, b.major)
	}
	return cluster{}, fmt.Errorf("the data in %s belongs to PostgreSQL %s, but only %s is installed; install PostgreSQL %s (apt install postgresql-%s)",
		dir, major, strings.Join(have, ", "), major, major)
}

func (c cluster) made() bool {
	_, err := os.Stat(filepath.Join(c.dir, "PG_VERSION"))
	return err == nil
}

// create runs initdb beside the final place and moves the result there, so a creation that broke off is never taken for a cluster.
func (c cluster) create(ctx context.Context, fast bool) error {
	if c.made() {
		return nil
	}
	fresh := c.dir + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear an unfinished cluster: %w", err)
	}
	if err := c.as.mkdir(fresh); err != nil {
		return fmt.Errorf("make the cluster's directory: %w", err)
	}
	if err := c.initdb(ctx, fresh, fast); err != nil {
		return err
	}
	if err := disk.Rename(fresh, c.dir); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	return nil
}

// initdb prefers C.UTF-8, which knows every letter and sorts by code point; systems without it have en_US.UTF-8.
func (c cluster) initdb(ctx context.Context, dir string, fast bool) error {
	args := []string{"-D", dir, "-U", database, "-A", "trust", "-E", "UTF8", "--no-instructions"}
	if fast {
		args = append(args, "--no-sync")
	}
	var out []byte
	var err error
	for _, locale := range []string{"C.UTF-8", "en_US.UTF-8"} {
		cmd := exec.CommandContext(ctx, filepath.Join(c.bin.dir, "initdb"), append(args, "--locale="+locale)...)
		cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, c.bin.env(), c.as.attributes()
		if out, err = cmd.CombinedOutput(); err == nil {
			return nil
		}
		if !bytes.Contains(out, []byte("invalid locale")) {
			break
		}
	}
	return errors.Join(fmt.Errorf("make the private database (initdb): %w", err), errors.New(strings.TrimSpace(string(out))))
}
