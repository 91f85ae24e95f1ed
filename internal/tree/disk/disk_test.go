package disk_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// A release is intact with its store and, in a copy, without; what is wrong with a file
// is found wherever it is.
func TestStore(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]treetest.Site{
		"store":    treetest.Sample(t, build.Options{}),
		"no store": treetest.WithoutStore(t, treetest.Sample(t, build.Options{})),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release, err := disk.OpenDir(s.Dir)
			if err != nil {
				t.Fatal(err)
			}
			if !release.IsIntact(release.Manifest.ID) {
				t.Errorf("these files are damaged: %v", release.Damaged(release.StatMatches))
			}

			item, version := "sites.json", "versions/"+s.History.Head().ID.String()+".json"
			for _, file := range []string{item, version} {
				f := release.Manifest.Lookup(file).File()
				if release.Path(f) != s.Path(file) {
					t.Errorf("%s is at %s, want %s", file, release.Path(f), s.Path(file))
				}
				if body, err := release.ReadFile(file); err != nil || !f.HasContent(body) {
					t.Errorf("%s does not have the content of the manifest (%v)", file, err)
				}
				if err := os.WriteFile(s.Path(file), nil, disk.FileMode); err != nil {
					t.Fatal(err)
				}
			}

			found := slices.Sorted(maps.Keys(release.Damaged(release.StatMatches)))
			if want := []string{item, version}; !slices.Equal(found, want) {
				t.Errorf("the files %q are damaged, want %q", found, want)
			}
		})
	}
}
