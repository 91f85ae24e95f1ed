package disk_test

import (
	"os"
	"slices"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// A release with a store is intact as one without, and what is wrong with a file is
// found in both places.
func TestStore(t *testing.T) {
	t.Parallel()
	s := treetest.WithStore(t, treetest.Sample(t, build.Options{}))
	head := s.History.Head().ID.String()
	item, version := "sites.json", "versions/"+head+".json"

	release, err := disk.OpenDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if !release.IsIntact(release.Manifest.ID) {
		t.Errorf("the files %q are damaged", release.Damaged())
	}

	for _, file := range []string{item, version} {
		if got := release.Path(file); got != s.Path(file) {
			t.Errorf("%s is at %s, want %s", file, got, s.Path(file))
		}
		if e := release.Manifest.Lookup(file); !release.StatMatches(e) || !release.ContentMatches(e) {
			t.Errorf("%s does not match the manifest", file)
		}
		if err := os.WriteFile(s.Path(file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	found := release.Damaged()
	slices.Sort(found)
	if want := []string{item, version}; !slices.Equal(found, want) {
		t.Errorf("the files %q are damaged, want %q", found, want)
	}
}
