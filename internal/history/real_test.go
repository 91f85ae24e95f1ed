package history_test

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// realBundle lies beside the checkout, and is not everywhere.
const realBundle = "../../../shared/data/reference-repository.bundle"

// grid5000Bundle is another testbed's repository.
const grid5000Bundle = "../../../shared/data/grid5000.bundle"

var grid5000 = flag.Bool("grid5000", false, "compare the logs of all paths of Grid'5000's repository with git's")

// flavorsBundle has five more commits, which add flavors.
const flavorsBundle = "../../../shared/data/reference-repository-flavors.bundle"

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
	dir, ok := cloneReal(t, realBundle)
	if !ok {
		return
	}

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
	gone := strings.Split(gittest.Run(t, dir, "log", "--diff-filter=D", "--no-renames", "--name-only", "--format=",
		"HEAD"), "\n")
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

// TestRealFlavorLogs compares the logs of what the newest commits of the
// repository with flavors touched, and of the directories above, with git's.
func TestRealFlavorLogs(t *testing.T) {
	t.Parallel()
	dir, ok := cloneReal(t, flavorsBundle)
	if !ok {
		return
	}

	paths := strings.Fields(gittest.Run(t, dir, "diff", "--no-renames", "--name-only", "HEAD~5", "HEAD", "--",
		"data"))
	for _, p := range slices.Clone(paths) {
		for above := path.Dir(p); above != "."; above = path.Dir(above) {
			paths = append(paths, above)
		}
	}

	slices.Sort(paths)
	paths = slices.Compact(paths)
	if flavors := slices.IndexFunc(paths,
		func(p string) bool { return strings.Contains(p, "/flavors/") }); flavors < 0 || len(paths) < 30 {
		t.Errorf("the newest commits touched %q", paths)
	}

	h := walk(t, dir, "", paths)
	for _, p := range paths {
		want := gittest.Run(t, dir, "log", "--format=%H", "HEAD", "--", p)
		if got := hashes(h.Log(p)); got != want {
			t.Errorf("the log of %s is\n%s\ngit's is\n%s", p, got, want)
		}
	}
}

// TestGrid5000Logs compares the logs of all files and directories of Grid'5000's
// repository with git's. It takes minutes, so `make test-past` runs it.
func TestGrid5000Logs(t *testing.T) {
	t.Parallel()
	if !*grid5000 {
		t.Log("not asked for: -grid5000")
		return
	}

	dir, ok := cloneReal(t, grid5000Bundle)
	if !ok {
		return
	}

	paths := strings.Split(gittest.Run(t, dir, "ls-tree", "-r", "-t", "--name-only", "HEAD", "data"), "\n")
	h := walk(t, dir, "", paths)
	if got, want := hashes(h.Commits), gittest.Run(t, dir, "log", "--format=%H"); got != want {
		t.Error("the whole log is not git's")
	}

	gittest.Run(t, dir, "commit-graph", "write", "--reachable", "--changed-paths") // git is ten times as fast with it
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, path := range paths {
		g.Go(func() error {
			want := gittest.Run(t, dir, "log", "--format=%H", "HEAD", "--", path)
			if got := hashes(h.Log(path)); got != want {
				t.Errorf("the log of %s is\n%s\ngit's is\n%s", path, got, want)
			}
			return nil
		})
	}

	_ = g.Wait()
	t.Logf("%d paths, %d commits", len(paths), len(h.Commits))
}

// cloneReal clones a bundle; false where it is not there.
func cloneReal(t *testing.T, bundle string) (dir string, ok bool) {
	t.Helper()
	if _, err := os.Stat(bundle); err != nil {
		t.Logf("no real data: %s is not there", bundle)
		return "", false
	}

	bundle, err := filepath.Abs(bundle)
	if err != nil {
		t.Fatal(err)
	}

	dir = t.TempDir()
	gittest.Run(t, dir, "clone", "--quiet", "--bare", bundle, ".")
	return dir, true
}
