package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The live release tells the changes of its commits, unless it was made in another way,
// and but for files that are damaged.
func TestKnownChanges(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	site := treetest.Publish(t, repo, build.Options{})
	in := treetest.Input(t, repo, "", build.Options{})
	commits := len(in.History.Commits)
	if got := len(knownChanges(t.Context(), durable.OS{}, site.Root, nil, in)); got != commits {
		t.Errorf("the changes of %d commits are known, want those of %d", got, commits)
	}
	if got := len(knownChanges(t.Context(), durable.OS{}, t.TempDir(), nil, in)); got != 0 {
		t.Errorf("without a release, the changes of %d commits are known", got)
	}

	other := in
	other.Options.Base = "/other"
	if got := len(knownChanges(t.Context(), durable.OS{}, site.Root, nil, other)); got != 0 {
		t.Errorf("with other options, the changes of %d commits are known", got)
	}

	// Of the same length and time, as a manifest that lies about the content has it.
	files, err := filepath.Glob(filepath.Join(site.Dir, "past", "*.changes"))
	if err != nil || len(files) != len(in.History.Segments()) {
		t.Fatalf("the release has the files %q: %v", files, err)
	}

	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], make([]byte, info.Size()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(files[0], info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := len(knownChanges(t.Context(), durable.OS{}, site.Root, nil, in)); got >= commits {
		t.Errorf("with a damaged file, the changes of all %d commits are known", got)
	}
}
