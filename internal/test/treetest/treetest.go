// Package treetest publishes trees for tests.
package treetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availhttp/record"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Site is what a tree is made from, and where it is stored.
type Site struct {
	Grid    *inventory.Grid
	History *history.History
	Changes *change.Log
	Dir     string // the release
	Root    string // the output directory
}

// Sample publishes the sample repository.
func Sample(t testing.TB, o build.Options) Site {
	t.Helper()
	return Publish(t, sampleRepo(t), o)
}

func sampleRepo(t testing.TB) *gitrepo.Repo {
	t.Helper()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// Repo is the repository that a txtar archive of commits describes, as
// [txtarrepo.Open] reads it.
func Repo(t testing.TB, archive string) *gitrepo.Repo {
	t.Helper()
	repo, err := txtarrepo.Open([]byte(archive))
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// Bundle is the path of the real repository, from the root of the project. It
// is stored next to the checkout, and is not available everywhere.
const Bundle = "../shared/data/reference-repository.bundle"

// FlavorsBundle is the path of the same with five more commits, which add
// flavors of virtual machines, their hosts, and newer nodes.
const FlavorsBundle = "../shared/data/reference-repository-flavors.bundle"

// Real opens the real repository; false, and a line in the log, where there is
// none. Root is the relative path of the project's root.
func Real(t testing.TB, root string) (*gitrepo.Repo, bool) {
	t.Helper()
	return openBundle(t, filepath.Join(root, Bundle))
}

// RealFlavors opens the real repository that has flavors, as Real does.
func RealFlavors(t testing.TB, root string) (*gitrepo.Repo, bool) {
	t.Helper()
	return openBundle(t, filepath.Join(root, FlavorsBundle))
}

// Grid5000Bundle is the path of Grid'5000's reference repository: 5,583 commits.
const Grid5000Bundle = "../shared/data/grid5000.bundle"

// Grid5000 opens Grid'5000's repository, as Real does.
func Grid5000(t testing.TB, root string) (*gitrepo.Repo, bool) {
	t.Helper()
	return openBundle(t, filepath.Join(root, Grid5000Bundle))
}

func openBundle(t testing.TB, bundle string) (*gitrepo.Repo, bool) {
	t.Helper()
	if _, err := os.Stat(bundle); err != nil {
		t.Logf("no real data: %s is not there", bundle)
		return nil, false
	}

	repo, err := gitrepo.Open(context.Background(), bundle, gitrepo.Options{})
	if err != nil {
		t.Fatal(err)
	}

	return repo, true
}

// Load reads the inventory of a commit, with what is wrong in its files.
func Load(t testing.TB, repo *gitrepo.Repo, commit history.Hash) (gitrepo.FS, *inventory.Grid, inventory.Diagnostics) {
	t.Helper()
	fsys, err := repo.FS(commit)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := inventory.FindDataDir(fsys)
	if err != nil {
		t.Fatal(err)
	}
	grid, found, err := inventory.Load(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return fsys, grid, found
}

// Revision is what a name of a revision stands for; "" is HEAD.
func Revision(t testing.TB, repo *gitrepo.Repo, rev string) history.Hash {
	t.Helper()
	commit, err := repo.Resolve(rev)
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

// Grid reads the inventory of a commit, which must have no errors.
func Grid(t testing.TB, repo *gitrepo.Repo, commit history.Hash) *inventory.Grid {
	t.Helper()
	_, grid, found := Load(t, repo, commit)
	for _, d := range found {
		if d.Severity == inventory.Error {
			t.Fatalf("%s: %s", d.Place(), d.Message)
		}
	}
	return grid
}

// Input reads what a site is made from, at a revision; "" is HEAD.
func Input(t testing.TB, repo *gitrepo.Repo, rev string, o build.Options) build.Input {
	t.Helper()
	head := Revision(t, repo, rev)
	in := build.Input{Grid: Grid(t, repo, head), Source: repo, Live: record.Live, Options: o}
	var changes *change.Log
	in.History, in.Files, changes = readHistory(t, repo, head, in.Grid)
	in.Changes = func() (*change.Log, error) { return changes, nil }
	return in
}

// History reads the history of a commit, and what changed in it.
func History(t testing.TB, repo *gitrepo.Repo, head history.Hash, grid *inventory.Grid) (*history.History,
	*change.Log) {
	t.Helper()
	hist, _, changes := readHistory(t, repo, head, grid)
	return hist, changes
}

func readHistory(t testing.TB, repo *gitrepo.Repo, head history.Hash, grid *inventory.Grid) (
	*history.History, *history.Files, *change.Log,
) {
	t.Helper()
	hist, files, err := history.Walk(t.Context(), repo, head, grid.LogPaths(), grid.Dir, history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	changes, err := change.Read(t.Context(), change.Input{
		Source: repo, History: hist, Files: files, Grid: grid, Spool: Spool(t),
	})
	if err != nil {
		t.Fatal(err)
	}

	return hist, files, changes
}

// Spool opens a temporary file.
func Spool(t testing.TB) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Files makes a site.
func Files(t testing.TB, in build.Input) (files []tree.File) {
	t.Helper()
	for f, err := range build.Files(in) {
		if err == nil {
			f, err = f.Rendered()
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// Publish publishes a repository at HEAD into a temporary directory that every
// user may read.
func Publish(t testing.TB, repo *gitrepo.Repo, o build.Options) Site {
	t.Helper()
	s := publishSite(t, repo, o)
	t.Cleanup(func() { os.RemoveAll(s.Root) })
	return s
}

// Trees publishes the same tree once, for tests that only read it. The zero value is ready,
// and TestMain calls [Trees.Main].
type Trees struct {
	mu  sync.Mutex
	all map[string]*Site
}

// Publish returns the tree of an archive of [Repo].
func (trees *Trees) Publish(t testing.TB, archive string) Site {
	t.Helper()
	return trees.publish(t, "archive "+archive, func() Site { return publishSite(t, Repo(t, archive), build.Options{}) })
}

// Sample returns the tree of the sample repository.
func (trees *Trees) Sample(t testing.TB, o build.Options) Site {
	t.Helper()
	return trees.publish(t, "sample "+string(api.Encode(o)), func() Site { return publishSite(t, sampleRepo(t), o) })
}

func (trees *Trees) publish(t testing.TB, key string, publish func() Site) Site {
	t.Helper()
	trees.mu.Lock()
	defer trees.mu.Unlock()
	if trees.all[key] == nil {
		s := publish()
		if trees.all == nil {
			trees.all = map[string]*Site{}
		}
		trees.all[key] = &s
	}
	return *trees.all[key]
}

// Main runs the tests of a package, removes the trees, and exits.
func (trees *Trees) Main(m *testing.M) {
	code := m.Run()
	for _, s := range trees.all {
		os.RemoveAll(s.Root)
	}
	os.Exit(code)
}

// publishSite leaves the tree behind.
func publishSite(t testing.TB, repo *gitrepo.Repo, o build.Options) Site {
	t.Helper()
	in := Input(t, repo, "", o)
	changes, err := in.Changes()
	if err != nil {
		t.Fatal(err)
	}

	s := Site{Grid: in.Grid, History: in.History, Changes: changes}

	// Not t.TempDir: its parents keep other users out, as nginx's workers.
	root, err := os.MkdirTemp("", "tree-*")
	if err != nil {
		t.Fatal(err)
	}

	s.Root = root
	head := s.History.Head()
	report, err := publish.Publish(t.Context(), s.Root, tree.Release{
		ID:         build.ReleaseID(head, s.Grid.Dir, "", nil, o),
		Commit:     head.ID.String(),
		CommitTime: head.Committer.When.UTC(),
		Generator:  build.Generator,
		Options:    o,
		Counts:     s.Grid.Counts(),
	}, build.Files(in), publish.Options{
		Jobs:       2,
		MaxDeletes: -1,
		Target:     func(link string) string { return route.Target(o.Published(), link) },
		IsResource: build.IsResource,
		AssetDir:   route.AssetDir,
	})
	if err != nil {
		t.Fatal(err)
	}

	s.Dir = report.Dir
	return s
}

// Targets returns the files of the tree that a file links to, for a site that is
// published at a base.
func Targets(base string, f tree.File) []string {
	var targets []string
	for _, href := range f.Links {
		if t := route.Target(base, href); t != "" {
			targets = append(targets, t)
		}
	}
	return targets
}
