package bench

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// subject is a repository whose builds are measured.
type subject struct {
	name   string
	repo   string // a clone
	bundle string // of the same, "" where there is none
	rounds int    // the medians are of so many
	tools  bool   // whether to measure the tools too
}

// figures is what was measured of a subject. The release that is built cold is that
// of three commits before HEAD, and each of these is then built on top.
type figures struct {
	Name    string `json:"name"`
	Nodes   int    `json:"nodes"`
	Commits int    `json:"commits"`
	Place   string `json:"place"`  // the kind of the file system
	Commit  string `json:"commit"` // of the generator
	Machine string `json:"machine"`

	Cold usage `json:"cold"` // of a clone
	Same usage `json:"same"` // when nothing is new
	Next usage `json:"next"` // one commit more: the median of the three

	First  usage `json:"first"`  // cold, of a bundle that was never read
	Cached usage `json:"cached"` // of one that was read before

	Site  size  `json:"site"`
	Disk  int64 `json:"disk"`  // bytes on disk of the first release
	Added int64 `json:"added"` // the same for each further one

	Changed int   `json:"changed"` // files that one commit more changes or adds
	Again   int   `json:"again"`   // files that it writes again as they were
	Floor   usage `json:"floor"`   // the tools' for the files that are changed

	Old     usage `json:"old"` // a cold build by the generator of oldCommit
	Tools   usage `json:"tools"`
	OldSite size  `json:"old_site"`
	OldDisk int64 `json:"old_disk"`
}

// increments is how many commits are built one after the other.
const increments = 3

// measure builds a subject in all ways.
func measure(t testing.TB, programs programs, s subject, dir string) figures {
	t.Helper()
	f := figures{Name: s.name, Place: fileSystem(t, dir), Machine: machine(t)}
	f.Commit = gittest.Run(t, "../..", "rev-parse", "--short", "HEAD")
	f.Nodes = strings.Count(gittest.Run(t, s.repo, "ls-tree", "-r", "--name-only", "HEAD"), "/nodes/")
	if _, err := fmt.Sscan(gittest.Run(t, s.repo, "rev-list", "--count", "HEAD"), &f.Commits); err != nil {
		t.Fatal(err)
	}

	var plain tools
	s.tools = s.tools && programs.old != ""
	if s.tools {
		plain = f.measureOld(t, programs, s, dir)
	}

	var cold, same, next, floor, first, cached, tools []usage
	out, cache := filepath.Join(dir, "out"), filepath.Join(dir, "cache")
	build := func(repo string, back int) usage {
		return command(t, "", "env", "XDG_CACHE_HOME="+cache, programs.now, "build", "--quiet", "--keep", "9",
			"--repo", repo, "--out", out, "--rev", fmt.Sprintf("HEAD~%d", back))
	}

	for range s.rounds {
		remove(t, out, cache)
		cold = append(cold, build(s.repo, increments))
		f.Site, f.Disk = siteSize(t, out), onDisk(t, out)

		before := live(t, out)
		same = append(same, build(s.repo, increments))
		if live(t, out) != before {
			t.Fatalf("%s: a second build has built something", s.name)
		}

		for i := range increments {
			u, w := f.oneMore(t, out, dir, func() usage { return build(s.repo, increments-1-i) })
			next, floor = append(next, u), append(floor, w)
		}
		f.Added = (onDisk(t, out) - f.Disk) / increments

		if s.bundle != "" {
			remove(t, out, cache)
			first = append(first, build(s.bundle, increments))
			remove(t, out)
			cached = append(cached, build(s.bundle, increments))
		}
		if s.tools {
			tools = append(tools, plain.run(t, filepath.Join(dir, "copy")))
		}
	}
	remove(t, out, cache)
	if s.tools {
		remove(t, plain.dir)
	}

	f.Changed /= s.rounds * increments
	f.Again /= s.rounds * increments
	f.Cold, f.Same, f.Next, f.Floor = middle(cold), middle(same), middle(next), middle(floor)
	f.First, f.Cached, f.Tools = middle(first), middle(cached), middle(tools)
	return f
}

// measureOld builds a subject as the generator of oldCommit does, and returns what
// the tools have to do for that.
func (f *figures) measureOld(t testing.TB, programs programs, s subject, dir string) tools {
	t.Helper()
	out := filepath.Join(dir, "old")
	f.Old = command(t, "", programs.old, "build", "--quiet", "--repo", s.repo, "--out", out,
		"--rev", fmt.Sprintf("HEAD~%d", increments))
	f.OldSite, f.OldDisk = siteSize(t, out), onDisk(t, out)

	plain := withoutVariants(t, live(t, out), filepath.Join(dir, "plain"))
	remove(t, out)
	return plain
}

// oneMore builds one commit more, and measures what the tools need for the files that
// differ.
func (f *figures) oneMore(t testing.TB, out, dir string, build func() usage) (ours, floor usage) {
	t.Helper()
	before, began := live(t, out), now(t, dir)
	ours = build()
	for _, root := range roots(t, out) {
		d := written(t, root, before, began)
		f.Changed += len(d.changed)
		f.Again += d.again
		floor = floor.plus(d.run(t, filepath.Join(dir, "changed")))
	}
	return ours, floor
}

// middle is the usage with the median time, and the highest peak.
func middle(all []usage) usage {
	if len(all) == 0 {
		return usage{}
	}

	sorted := slices.SortedFunc(slices.Values(all), func(a, b usage) int { return cmp.Compare(a.CPU, b.CPU) })
	u := sorted[len(sorted)/2]
	for _, o := range all {
		u.Peak = max(u.Peak, o.Peak)
	}
	return u
}

// part is a ratio of processor times.
func part(a, b usage) float64 { return a.CPU.Seconds() / b.CPU.Seconds() }

// live returns the directory of the live release.
func live(t testing.TB, out string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(filepath.Join(out, "current"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// roots returns the directories with the files of the live release: its own, and that
// of what never changes.
func roots(t testing.TB, out string) []string {
	t.Helper()
	dir := live(t, out)
	store, err := filepath.EvalSymlinks(filepath.Join(dir, "immutable"))
	if os.IsNotExist(err) {
		return []string{dir}
	}
	if err != nil {
		t.Fatal(err)
	}
	return []string{dir, store}
}
