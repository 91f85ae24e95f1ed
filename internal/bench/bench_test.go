// Package bench measures the claims that the project makes, as ratios against a
// yardstick that the same run measures. `make bench` runs it on the real
// repository, and says so where there is none.
package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// refgen builds the program.
func refgen(b *testing.B) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "refgen")
	command(b, "../..", "go", "build", "-trimpath", "-o", file, "./cmd/refgen")
	return file
}

// memory makes a directory on a tmpfs, so that no disk is measured.
func memory(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "bench-*")
	if err != nil {
		b.Skipf("no tmpfs: %v", err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// usage is what a finished command has used.
type usage struct {
	wall time.Duration
	peak int64 // bytes of memory, the most at once
}

func command(b *testing.B, dir, name string, args ...string) usage {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	began := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(began)

	if err != nil {
		b.Fatalf("%s: %v\n%s", cmd, err, out)
	}

	used := usage{wall: wall}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		used.peak = r.Maxrss << 10
	}

	return used
}

func median[T int64 | time.Duration | float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
