package publish_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/chameleoncloud/refapi/internal/publish"
)

// newVolume makes an ext4 file system with inodes of a size and mounts it. Where
// that is not allowed it logs why, and returns "".
func newVolume(t *testing.T, inodeSize string) string {
	t.Helper()
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 16<<20); err != nil {
		t.Fatal(err)
	}

	for _, cmd := range [][]string{
		{"mkfs.ext4", "-q", "-O", "^has_journal", "-I", inodeSize, image},
		{"mount", "-o", "loop", image, dir},
	} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Logf("not tested: only root, with loop devices, can mount a volume: %s: %v: %s", cmd[0], err, out)
			return ""
		}
	}

	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})

	return dir
}

// A new volume of its own is an empty output directory.
func TestNewVolume(t *testing.T) {
	t.Parallel()
	root := newVolume(t, "256")
	if root == "" {
		return
	}

	lost := filepath.Join(root, "lost+found")
	before := snapshot(t, lost)

	for n := 1; n <= 6; n++ {
		checkManifest(t, put(t, root, n).Dir)
	}

	if diff := cmp.Diff(before, snapshot(t, lost), cmp.AllowUnexported(onDisk{})); diff != "" {
		t.Errorf("lost+found was touched:\n%s", diff)
	}
}

// A file system with times of 32 bits is refused where it cannot hold one, and
// not published to again and again.
func TestTimesOf32Bits(t *testing.T) {
	t.Parallel()
	root := newVolume(t, "128")
	if root == "" {
		return
	}

	put(t, root, 1)
	before := snapshot(t, root)

	files := site(2)
	f := files["robots.txt"]
	f.Time = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	files["robots.txt"] = f
	_, err := publish.Publish(t.Context(), root, release(2), all(files), options())
	failed(t, err, "write robots.txt: the file system cannot hold its time: 2100-01-01T00:00:00Z became 2038-01-19T03:14:07Z", "ext4, XFS or btrfs")

	if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
		t.Errorf("something has changed:\n%s", diff)
	}
}
