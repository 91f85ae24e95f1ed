// Package bench measures the claims that the project makes, as ratios against a
// yardstick that the same run measures. `make bench` runs it on the real
// repository, and says so where there is none.
package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// bundle returns the real repository as a bundle.
func bundle(b *testing.B) string {
	b.Helper()
	file, err := filepath.Abs(filepath.Join("../..", treetest.Bundle))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		b.Skipf("no real data: %s is not there", file)
	}

	return file
}

// clone makes a work tree of the real repository.
func clone(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "reference")
	command(b, "", "git", "clone", "-q", bundle(b), dir)
	return dir
}

// refgen builds the program, and returns its path.
func refgen(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "refgen")
	command(t, "../..", "go", "build", "-trimpath", "-o", file, "./cmd/refgen")
	return file
}

// memory makes a directory on a tmpfs, so that no disk is measured.
func memory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "bench-*")
	if err != nil {
		t.Skipf("no tmpfs: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// usage is what finished commands have used.
type usage struct {
	Wall time.Duration `json:"wall"`
	// CPU is user and system time, with that of the command's own children.
	CPU time.Duration `json:"cpu"`
	// Peak is the most memory at once, in bytes. What this process had when it started
	// the command is its lower bound (Linux hands it on), so this one stays small.
	Peak int64 `json:"peak"`
}

// plus is what both have used, one after the other.
func (u usage) plus(o usage) usage {
	return usage{Wall: u.Wall + o.Wall, CPU: u.CPU + o.CPU, Peak: max(u.Peak, o.Peak)}
}

// rounds is how often most things are measured.
const rounds = 5

// limit is how long a command may take: the largest build takes a quarter of it.
const limit = 40 * time.Minute

func command(t testing.TB, dir, name string, args ...string) usage {
	t.Helper()
	return feed(t, dir, "", name, args...)
}

// feed runs a command that reads a text.
func feed(t testing.TB, dir, stdin, name string, args ...string) usage {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(began)

	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}

	used := usage{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		used.Peak = r.Maxrss << 10
	}

	return used
}

func remove(t testing.TB, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func median[T int64 | time.Duration | float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
