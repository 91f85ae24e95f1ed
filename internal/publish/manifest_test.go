package publish_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// The manifest is read back as it was written, by this package and by anyone
// with a JSON reader.
func TestManifest(t *testing.T) {
	t.Parallel()
	rel := release(3)
	rel.Dirty, rel.Shallow = true, true
	rel.Options = map[string]any{"base": "https://api.example.org/<&>"}
	r := putFiles(t, t.TempDir(), rel, site(3), options())
	src, err := os.ReadFile(filepath.Join(r.Dir, tree.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}

	stored, err := disk.OpenDir(r.Dir)
	if err != nil {
		t.Fatal(err)
	}

	m := stored.Manifest
	if err := m.Load(); err != nil {
		t.Fatal(err)
	}

	rel.Counts = map[string]any{"nodes": float64(nodes)} // as JSON has it
	if diff := cmp.Diff(rel, m.Release); diff != "" {
		t.Errorf("the head (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Collect(r.Manifest.Files()), slices.Collect(m.Files())); diff != "" {
		t.Errorf("the files (-written +read):\n%s", diff)
	}
	if diff := cmp.Diff(r.Manifest.Parts, m.Parts); diff != "" {
		t.Errorf("the parts (-written +read):\n%s", diff)
	}

	var plain map[string]any
	if err := json.Unmarshal(src, &plain); err != nil {
		t.Fatal(err)
	}

	if got, want := sorted(plain), []string{"commit", "commit_time", "counts", "dirty", "generator",
		"options", "parts", "release", "shallow"}; !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}

	if lines, want := strings.Count(string(src), "\n    {\"prefix\":"), len(m.Parts); lines != want {
		t.Errorf("%d lines of parts, want one for each of %d", lines, want)
	}

	if m.Lookup("index.json") == nil || m.Lookup("nothing") != nil ||
		(&tree.Manifest{}).Lookup("index.json") != nil {
		t.Error("Lookup finds what is not there, or does not find what is")
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if _, err := disk.Open(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an empty directory: %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := disk.OpenDir(filepath.Join(root, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no directory: %v, want %v", err, fs.ErrNotExist)
	}

	r := put(t, root, 1)
	live, err := disk.Open(root)
	if err != nil {
		t.Fatal(err)
	}

	// The tree stays the one that was opened.
	put(t, root, 2)
	if live.Dir != r.Dir || live.Manifest.ID != "r0001" {
		t.Errorf("the tree is now %s", live.Dir)
	}

	if other, err := disk.OpenDir(r.Dir); err != nil || !other.Live.IsZero() {
		t.Errorf("a release that is not live, since %v, %v", other.Live, err)
	} else if diff := cmp.Diff(live.Manifest, other.Manifest, cmpopts.IgnoreUnexported(tree.Manifest{})); diff != "" {
		t.Errorf("(-Open +OpenDir):\n%s", diff)
	}

	e := live.Manifest.Lookup("robots.txt").File()
	if !e.HasContent([]byte("User-agent: *\nAllow: /\n")) || e.HasContent([]byte("User-agent: *\nAllow: /x")) {
		t.Error("HasContent does not tell the content of robots.txt from another")
	}
}
