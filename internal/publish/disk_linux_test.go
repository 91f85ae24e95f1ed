package publish_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/publish"
)

// mount puts a small file system of its own on a directory. Where that is not
// allowed it logs why, and returns "".
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Logf("not tested: only root can mount a file system to fill: %v", err)
		return ""
	}

	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})

	return dir
}

// A disk that is full at any point of the work leaves the live release, and
// nothing else.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := mount(t, "size=2m")
	if disk == "" {
		return
	}

	root := filepath.Join(disk, "public")
	put(t, root, 1)
	before := snapshot(t, root)
	full := 0

	for free := 0; ; free += 12 << 10 {
		fill(t, filepath.Join(disk, "filler"), free)
		r, err := publish.Publish(t.Context(), root, release(2), all(site(2)), options())
		if err == nil {
			checkManifest(t, r.Dir)
			break
		}

		full++
		failed(t, err, "no space left on device", "free some space")

		if !errors.Is(err, unix.ENOSPC) {
			t.Errorf("the cause is lost: %v", err)
		}

		if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
			t.Fatalf("with %d bytes free something has changed:\n%s", free, diff)
		}
	}

	if full < 5 {
		t.Errorf("the disk was full only %d times", full)
	}

	tidy(t, root)
}

// fill makes a file as large as the disk allows, but for some bytes.
func fill(t *testing.T, name string, free int) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	var disk unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(name), &disk); err != nil {
		t.Fatal(err)
	}

	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	if size := int64(disk.Bavail)*disk.Bsize - int64(free); size > 0 {
		if err := unix.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
			t.Fatal(err)
		}
	}
}

// No more files, though there is space.
func TestNoInodes(t *testing.T) {
	t.Parallel()
	root := mount(t, "nr_inodes=120")
	if root == "" {
		return
	}

	put(t, root, 1)
	before := snapshot(t, root)
	_, err := publish.Publish(t.Context(), root, release(2), all(site(2)), options())
	failed(t, err, "no space left on device", "free some space")

	if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
		t.Errorf("something has changed:\n%s", diff)
	}

	tidy(t, root)
}

// readOnly takes away the right to write to an output directory.
func readOnly(t *testing.T, publishFirst bool) (root string) {
	t.Helper()
	if os.Geteuid() != 0 {
		root = filepath.Join(t.TempDir(), "public")
		if publishFirst {
			put(t, root, 1)
			t.Cleanup(func() { _ = os.Chmod(root, 0o755) })
			if err := os.Chmod(root, 0o555); err != nil {
				t.Fatal(err)
			}
		}

		t.Cleanup(func() { _ = os.Chmod(filepath.Dir(root), 0o755) })
		if err := os.Chmod(filepath.Dir(root), 0o555); err != nil {
			t.Fatal(err)
		}

		return root
	}

	// Modes do not stop root, a read-only file system does.
	disk := mount(t, "size=2m")
	if disk == "" {
		return ""
	}

	root = filepath.Join(disk, "public")
	if publishFirst {
		put(t, root, 1)
	}

	if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}

	return root
}

func TestUnwritableOutput(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		t.Run(fmt.Sprintf("published before %v", there), func(t *testing.T) {
			t.Parallel()
			root := readOnly(t, there)
			if root == "" {
				return
			}

			before := snapshot(t, filepath.Dir(root))
			_, err := publish.Publish(t.Context(), root, release(2), all(site(2)), options())
			failed(t, err, root, "give a directory that you may write with --out")

			if diff := cmp.Diff(before, snapshot(t, filepath.Dir(root)), cmp.AllowUnexported(onDisk{})); diff != "" {
				t.Errorf("something has changed:\n%s", diff)
			}

			if !there {
				return
			}

			// To look needs no right to write.
			if r, err := publish.Plan(t.Context(), root, release(2), all(site(2)), options()); err != nil ||
				!r.Changes.Any() {
				t.Errorf("plan: %v", err)
			}
		})
	}
}

// What cannot be removed, as a directory on NFS with a file that somebody has
// open, stops nothing but the release that needs its name.
func TestLeftForGood(t *testing.T) {
	t.Parallel()
	disk := mount(t, "size=2m")
	if disk == "" {
		return
	}

	root := filepath.Join(disk, "public")
	put(t, root, 1)
	busy := filepath.Join(root, "releases/r0002.tmp/busy")
	if err := os.MkdirAll(busy, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", busy, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}

	if err := publish.Tidy(durable.OS{}, root); err == nil || !strings.Contains(err.Error(), "clean the output directory: ") {
		t.Errorf("tidy: %v", err)
	}

	_, err := publish.Publish(t.Context(), root, release(2), all(site(2)), options())
	failed(t, err, "clean the output directory: ", "")
	r := put(t, root, 3)
	if r.PruneErr == nil || !strings.Contains(r.PruneErr.Error(), busy) {
		t.Errorf("the report says %v", r.PruneErr)
	}

	checkManifest(t, liveDir(t, root))

	if err := unix.Unmount(busy, 0); err != nil {
		t.Fatal(err)
	}

	if r := put(t, root, 3); !r.Unchanged || r.PruneErr != nil {
		t.Errorf("when it can be removed: %+v", r)
	}

	tidy(t, root)
}
