package bench

import (
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"testing"
)

// size is how large a release is.
type size struct {
	Release         int   `json:"release"` // files in its own directory, without variants
	ReleaseVariants int   `json:"release_variants"`
	Store           int   `json:"store"` // files beside it, which never change
	StoreVariants   int   `json:"store_variants"`
	Bytes           int64 `json:"bytes"` // of all
}

func (s size) all() int { return s.Release + s.ReleaseVariants + s.Store + s.StoreVariants }

// siteSize counts the files of the live release.
func siteSize(t testing.TB, out string) (s size) {
	t.Helper()
	for i, root := range roots(t, out) {
		walk(t, root, func(name string, d fs.DirEntry) {
			info, err := d.Info()
			if err != nil {
				t.Fatal(err)
			}

			s.Bytes += info.Size()
			files, variants := &s.Release, &s.ReleaseVariants
			if i > 0 {
				files, variants = &s.Store, &s.StoreVariants
			}
			if _, ext := cutVariant(name); ext != "" {
				*variants++
			} else {
				*files++
			}
		})
	}
	return s
}

// onDisk is how many bytes of the disk a directory takes, with hard links once.
func onDisk(t testing.TB, dir string) (bytes int64) {
	t.Helper()
	out, err := exec.Command("du", "-s", "--block-size=1", dir).Output()
	if err == nil {
		_, err = fmt.Sscan(string(out), &bytes)
	}
	if err != nil {
		t.Fatalf("du %s: %v", dir, err)
	}
	return bytes
}

// fileSystem is the kind of file system that a directory is on.
func fileSystem(t testing.TB, dir string) string {
	t.Helper()
	kind, err := exec.Command("stat", "--file-system", "--format=%T", dir).Output()
	if err != nil {
		t.Fatalf("stat %s: %v", dir, err)
	}
	if strings.TrimSpace(string(kind)) == "tmpfs" {
		return "tmpfs"
	}
	return "disk"
}
