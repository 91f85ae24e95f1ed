package history_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo/gittest"
)

// realBundle lies beside the checkout, and is not everywhere.
const realBundle = "../../../shared/data/reference-repository.bundle"

// kinds are the kinds of resources with versions that the repository has; it
// has no flavors yet.
var kinds = map[string]*regexp.Regexp{
	"sites":    regexp.MustCompile(`^data/[^/]+/sites$`),
	"site":     regexp.MustCompile(`^data/[^/]+/sites/[^/]+$`),
	"clusters": regexp.MustCompile(`^data/[^/]+/sites/[^/]+/clusters$`),
	"cluster":  regexp.MustCompile(`^data/[^/]+/sites/[^/]+/clusters/[^/.]+$`),
	"node":     regexp.MustCompile(`^data/[^/]+/sites/[^/]+/clusters/[^/]+/nodes/[^/]+\.json$`),
}

// TestRealLogs compares the logs of all files and directories of the real
// repository with git's.
func TestRealLogs(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(realBundle); err != nil {
		t.Logf("no real data: %s is not there", realBundle)
		return
	}
	bundle, err := filepath.Abs(realBundle)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	gittest.Run(t, dir, "clone", "--quiet", "--bare", bundle, ".")
	paths := strings.Split(gittest.Run(t, dir, "ls-tree", "-r", "-t", "--name-only", "HEAD", "data"), "\n")
	for kind, pattern := range kinds {
		if !slices.ContainsFunc(paths, pattern.MatchString) {
			t.Errorf("no path is of the kind %s", kind)
		}
	}
	for _, path := range paths {
		if kinds["site"].MatchString(path) {
			paths = append(paths, path+"/flavors", path+"/flavors/m1.small.json")
		}
	}
	// Some that HEAD no longer has.
	gone := strings.Split(gittest.Run(t, dir, "log", "--diff-filter=D", "--no-renames", "--name-only", "--format=", "HEAD"), "\n")
	paths = append(paths, gone[:min(20, len(gone))]...)

	h := walk(t, dir, "", paths)
	if got, want := hashes(h.Commits), gittest.Run(t, dir, "log", "--format=%H"); got != want {
		t.Errorf("the whole log is\n%s\ngit's is\n%s", got, want)
	}
	checkTimes(t, h)
	for i, half := range [][]string{paths[:len(paths)/2], paths[len(paths)/2:]} {
		t.Run([]string{"first half", "second half"}[i], func(t *testing.T) {
			t.Parallel()
			for _, path := range half {
				want := gittest.Run(t, dir, "log", "--format=%H", "HEAD", "--", path)
				if got := hashes(h.Log(path)); got != want {
					t.Errorf("the log of %s is\n%s\ngit's is\n%s", path, got, want)
				}
			}
		})
	}
}
