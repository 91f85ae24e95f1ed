package publish_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/publish"
)

// What file systems, servers of files and desktops put into the root of a volume
// is skipped and never touched, in the output directory and among releases.
func TestRootOfAVolume(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"lost+found/", "lost+found/#12", ".snapshot/daily.0/", ".snapshots/1/", ".snap/", ".zfs/snapshot/", ".glusterfs/00/", ".trashcan/",
		".Trash-0/files/", ".Trash-1000/", ".Trash/", ".Trashes/", ".DS_Store", ".fseventsd/", ".Spotlight-V100/", "System Volume Information/",
		"$RECYCLE.BIN/", ".nfs000000000123456700000001", ".nfs4A3B", ".fuse_hidden0000000100000002", "aquota.user", "@eaDir/",
	} {
		for _, at := range []string{"", "releases"} {
			t.Run(filepath.Join(at, name), func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				makeTree(t, filepath.Join(root, at), name)
				top := filepath.Join(root, at, strings.Split(name, "/")[0])
				if err := os.Chmod(top, 0o700); err != nil {
					t.Fatal(err)
				}

				before := snapshot(t, top)

				if _, err := publish.Plan(t.Context(), root, release(1), all(site(1)), options()); err != nil {
					t.Error(err)
				}

				o := options()
				o.Keep = 0
				for n := 1; n <= 3; n++ {
					if r := putFiles(t, root, release(n), site(n), o); r.PruneErr != nil {
						t.Error(r.PruneErr)
					}
				}

				if diff := cmp.Diff(before, snapshot(t, top), cmp.AllowUnexported(onDisk{})); diff != "" {
					t.Errorf("it was touched:\n%s", diff)
				}
			})
		}
	}
}

// Names that only look like those are a stranger's.
func TestNotOfAVolume(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lost+found.old", ".nfs", ".nfs-exports", ".Trash-", ".Trash-a b", ".zfsrc",
		".snapshots.d", "lost", ".git"} {
		root := t.TempDir()
		makeTree(t, root, name+"/x")
		_, err := publish.Publish(t.Context(), root, release(1), all(site(1)), options())
		failed(t, err, "it holds "+name, "--out")
		if got := names(t, root); !slices.Equal(got, []string{name}) {
			t.Errorf("the directory now holds %q", got)
		}
	}
}
