package build_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// drawHistory makes up a history, and returns the names of its commits. Dates and
// contents come from small sets: commits are amended within their second,
// histories rewritten with their dates kept, changes reverted, branches merged.
func drawHistory(random *rand.Rand) (archive string, names []string) {
	var a strings.Builder
	date := func() time.Time {
		return time.Date(2025, 1, 6, 9, 0, random.IntN(3), 0,
			time.UTC).Add(time.Duration(random.IntN(2)) * 30 * time.Minute)
	}

	commit := func(name string, at time.Time, parents string) {
		fmt.Fprintf(&a, "-- commit %s --\nparents: %s\ndate: %s\n\nChange number %c\n", name, parents,
			at.Format(time.RFC3339), 'a'+random.IntN(3))
		for _, p := range []string{"clusters/c/nodes/n", "clusters/c/nodes/m", "flavors/f", "clusters/c/nodes/o"} {
			if random.IntN(2) == 0 {
				uid := p[strings.LastIndexByte(p, '/')+1:]
				fmt.Fprintf(&a, "-- d/sites/s/%s.json --\n{\"uid\":%q,\"node_type\":\"%c\",\"value\":%d}\n", p, uid,
					'a'+random.IntN(2), 100+random.IntN(3))
			}
		}

		names = append(names, name)
	}

	commit("c0", date(), "none")
	for uid, p := range map[string]string{"d": "d", "s": "sites/s/s", "c": "sites/s/clusters/c/c"} {
		fmt.Fprintf(&a, "-- d/%s.json --\n{\"uid\":%q}\n", p, uid)
	}

	for len(names) < 12 {
		name, parent := fmt.Sprintf("c%d", len(names)), names[random.IntN(len(names))]
		switch at := date(); random.IntN(4) {
		case 0: // what was newest is made again, with its parent and date
			commit(name, at, parent)
			commit(name+"x", at, parent)

		case 1: // a line of commits is made twice
			second := date()
			for _, line := range []string{"y", "z"} {
				commit(name+line, at, parent)
				commit(name+line+line, second, name+line)
			}

		case 2:
			if other := names[random.IntN(len(names))]; other != parent {
				commit(name, at, parent+" "+other)
			}

		default:
			commit(name, at, names[len(names)-1])
		}
	}

	return a.String(), names
}

// A server makes a file's ETag of time and length. Whatever is published after
// whatever else, no file has the ETag of other bytes: against the release before
// it never, and against older ones only if two commits have one time by chance.
func TestETagsTellBytesApart(t *testing.T) {
	t.Parallel()
	base := treetest.Publish(t, treetest.Repo(t, small), build.Options{})
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	archive, names := drawHistory(random)
	repo := treetest.Repo(t, archive)
	root := linked(t, base)

	defer func() {
		if t.Failed() {
			t.Logf("seed %d:\n%s", seed, archive)
		}
	}()

	var seen []map[string]published
	compared := 0
	for range 8 {
		var o build.Options
		if random.IntN(4) == 0 {
			o.URL = fmt.Sprintf("https://%c.example.org", 'a'+random.IntN(3))
		}

		rev := names[random.IntN(len(names))]
		in := treetest.Input(t, repo, rev, o)
		in.Now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		r := release(t, root, in)
		if r.Unchanged {
			continue
		}

		next := listing(t, r.Dir)
		for i, old := range seen {
			head, last := next["index.json"].time, i == len(seen)-1
			for p, f := range next {
				g, ok := old[p]
				if !ok || g.sum == f.sum {
					continue
				}

				compared++
				byChance := !f.time.Equal(head) || old["index.json"].time.Equal(head)
				if f.time.Equal(g.time) && f.size == g.size && (last || !byChance) {
					t.Errorf("%s at %s has the ETag that other bytes had %d releases before", p, rev, len(seen)-i)
				}
			}
		}

		seen = append(seen, next)
	}

	if compared < 100 {
		t.Errorf("only %d files with other bytes were compared, in %d releases", compared, len(seen))
	}
}

// published is what a server knows of a file, and what it holds.
type published struct {
	time time.Time
	size int64
	sum  string
}

// listing reads a release, its manifest and its compressed files.
func listing(t *testing.T, dir string) map[string]published {
	t.Helper()
	stored, err := disk.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}

	all := map[string]published{}
	for e := range stored.Manifest.Files() {
		for f := range e.Forms() {
			info, err := os.Stat(stored.Path(f))
			if err != nil {
				t.Fatal(err)
			}
			all[f.Path] = published{info.ModTime(), info.Size(), f.SHA256.String()}
		}
	}

	name := filepath.Join(dir, tree.ManifestFile)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}

	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}

	all[tree.ManifestFile] = published{info.ModTime(), info.Size(), sum(body)}
	return all
}

// linked makes an output directory with a published release, so that what does
// not change with commits need not be compressed again.
func linked(t *testing.T, s treetest.Site) (root string) {
	t.Helper()
	root = t.TempDir()
	err := filepath.WalkDir(s.Root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		to := filepath.Join(root, strings.TrimPrefix(name, s.Root))
		switch {
		case e.IsDir():
			return os.MkdirAll(to, 0o755)
		case e.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		}

		return os.Link(name, to)
	})
	if err != nil {
		t.Fatal(err)
	}

	return root
}

// release publishes a site.
func release(t *testing.T, root string, in build.Input) *publish.Report {
	t.Helper()
	head := in.History.Head()
	r, err := publish.Publish(t.Context(), root, tree.Release{
		ID:     build.ReleaseID(head, in.Grid.Dir, "", nil, in.Options),
		Commit: head.ID.String(), CommitTime: head.Committer.When.UTC(), Generator: build.Generator, Options: in.Options,
	}, build.Files(in), publish.Options{Jobs: 2, MaxDeletes: -1})
	if err != nil {
		t.Fatal(err)
	}

	return r
}
