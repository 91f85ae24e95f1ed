package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

var (
	sequenceSeed  = flag.Uint64("seed", 1, "seed of the first random sequence of builds")
	sequenceCount = flag.Int("sequences", 2, "number of random sequences of builds")
)

// stepsOfSequence is how many steps a sequence has; each ends with a build.
const stepsOfSequence = 6

// Whatever becomes of a repository, of the options, of the generator and of the live
// release: a build on top of what is live makes what a build from nothing makes.
func TestIncrements(t *testing.T) {
	t.Parallel()
	for n := range *sequenceCount {
		seed := *sequenceSeed + uint64(n)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, seed)
			defer func() {
				if t.Failed() {
					t.Logf("-seed %d -sequences 1:\n%s", seed, strings.Join(r.told, "\n"))
				}
			}()

			r.publish(false)
			for range stepsOfSequence {
				r.step()
				if t.Failed() {
					return
				}
			}
		})
	}
}

// rig is a repository, and an output directory that builds of it are published in.
type rig struct {
	*testing.T
	*rand.Rand
	dir     string // of the repository
	out     string
	now     time.Time
	date    time.Time // of the newest commit
	options []string  // of the command line
	config  string
	dirLive string // the live release's directory
	memo    memo   // of the builds on top of it, as in refgen watch
	forced  bool   // the next build has to read every file
	cold    *shown // what a build from nothing makes, nil if it is not known
	live    *shown // nil if there is none, or it was damaged
	// assets are the files for pages of all releases that were published in out: a store
	// keeps those that open pages may still load.
	assets map[string]bool
	told   []string
}

// shown is a release as readers have it.
type shown struct {
	manifest *tree.Manifest
	entries  map[string]tree.Entry
	times    map[string]time.Time // of the manifest's own files
	sums     map[string]tree.Digest
	sizes    map[string]int64
}

func newRig(t *testing.T, seed uint64) *rig {
	r := &rig{
		T:      t,
		Rand:   rand.New(rand.NewPCG(seed, 1)),
		dir:    t.TempDir(),
		out:    t.TempDir(),
		now:    gittest.Start.AddDate(0, 1, 0),
		date:   gittest.Start,
		config: filepath.Join(t.TempDir(), "config.toml"),
		assets: map[string]bool{},
	}
	r.setConfig("")
	r.git("init", "--quiet", "--template=", "--initial-branch=main")
	r.write("t.json", `{"uid": "t", "type": "grid"}`)
	for _, s := range []string{"s1", "s2"} {
		r.writeSite(s)
	}
	r.writeCluster("s1", "c1")
	r.writeCluster("s2", "c1")
	for _, n := range []string{"n1", "n2"} {
		r.writeNode("sites/s1/clusters/c1/nodes/" + n + ".json")
	}
	r.writeNode("sites/s2/clusters/c1/nodes/n3.json")
	r.commit("start")
	return r
}

func (r *rig) tell(format string, args ...any) { r.told = append(r.told, fmt.Sprintf(format, args...)) }

func (r *rig) clock() time.Time { return r.now }

func (r *rig) setConfig(text string) { write(r.T, r.config, text) }

// git runs git in the repository, at the date of the newest commit.
func (r *rig) git(args ...string) string {
	r.Helper()
	out, err := r.tryGit(args...)
	if err != nil {
		r.Fatal(err)
	}
	return out
}

func (r *rig) tryGit(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	at := fmt.Sprintf("%d +0000", r.date.Unix())
	cmd.Env = append(gittest.Environ(), "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), err
}

// build runs `refgen build` into a directory.
func (r *rig) build(out string, more ...string) (code int, printed string) {
	args := append([]string{"--config", r.config, "build", "--repo", r.dir, "--out", out, "--max-deletes", "1000"},
		r.options...)
	args = append(args, more...)
	a := &app{Settings: cli.Settings{Getenv: func(string) string { return "" }}, now: r.clock, fs: durable.OS{}}
	if out == r.out {
		a.memo = &r.memo
	}

	var printedTo bytes.Buffer
	code = a.run(r.Context(), args, &printedTo, &printedTo)
	return code, printedTo.String()
}

// publish builds on top of what is live, and compares that with a build from nothing.
func (r *rig) publish(keepCold bool, more ...string) {
	r.Helper()
	keep := fmt.Sprint(r.IntN(3))
	if r.forced {
		more = append(more, "--force")
	}
	code, printed := r.build(r.out, append(more, "--keep", keep)...)
	r.tell("  keep %s: %s", keep, printed)

	if !keepCold || r.cold == nil {
		out := r.TempDir()
		without := slices.Clone(more)
		if i := slices.Index(without, "--previous"); i >= 0 {
			without = slices.Delete(without, i, i+2)
		}
		coldCode, coldPrinted := r.build(out, without...)
		if code != coldCode {
			r.Fatalf("the build ends with %d, one from nothing with %d:\n%s\n%s", code, coldCode, printed, coldPrinted)
		}
		if code != 0 {
			r.tell("  refused: %s", strings.TrimSpace(printed))
			return
		}
		before := r.dirLive
		r.cold = r.read(out, "0")
		r.dirLive = before
		if err := os.RemoveAll(out); err != nil {
			r.Fatal(err)
		}
	}

	if code != 0 {
		r.Fatalf("the build ends with %d:\n%s", code, printed)
	}

	r.forced = false
	got := r.read(r.out, keep)
	r.compare(r.cold, got)
	r.compareETags(got)
	r.live = got
}

// read reads the live release of an output directory, and checks that what is on disk is
// what its manifest lists.
func (r *rig) read(out, keep string) *shown {
	r.Helper()
	live, err := disk.Open(out)
	if err == nil {
		err = live.Manifest.Load()
	}
	if err != nil {
		r.Fatal(err)
	}

	p := &shown{manifest: live.Manifest, entries: map[string]tree.Entry{}, times: map[string]time.Time{},
		sums: map[string]tree.Digest{}, sizes: map[string]int64{}}
	inRelease, inStore := map[string]bool{}, map[string]bool{}
	for e := range live.Manifest.Files() {
		p.entries[e.Path] = *e
		for f := range e.Forms() {
			if !live.StatMatches(f) || !live.ContentMatches(f) {
				r.Errorf("%s is not as the manifest says", f.Path)
			}
			if f.Class == tree.Immutable {
				inStore[f.Path] = true
			} else {
				inRelease[f.Path] = true
			}
		}
	}

	own := []string{tree.ManifestFile}
	for i := range live.Manifest.Parts {
		own = append(own, live.Manifest.Parts[i].File())
	}
	for _, file := range own {
		inRelease[file] = true
		name := filepath.Join(live.Dir, file)
		info, err := os.Lstat(name)
		if err != nil {
			r.Fatal(err)
		}
		body, err := os.ReadFile(name)
		if err != nil {
			r.Fatal(err)
		}
		p.times[file], p.sums[file], p.sizes[file] = info.ModTime().UTC(), tree.DigestOf(body), info.Size()
	}

	for where, want := range map[string]map[string]bool{".": inRelease, tree.StoreDir: inStore} {
		for _, file := range filesBelow(r.T, filepath.Join(live.Dir, where)) {
			if !want[file] && !(out == r.out && where == tree.StoreDir && r.assets[file]) {
				r.Errorf("%s in %s is not listed", file, where)
			}
			delete(want, file)
		}
		if len(want) > 0 {
			r.Errorf("missing in %s: %q", where, slices.Sorted(maps.Keys(want)))
		}
	}

	if to, err := filepath.EvalSymlinks(filepath.Join(live.Dir, tree.StoreDir)); err == nil {
		if _, err := os.Lstat(to + ".adding"); err == nil {
			r.Errorf("the live release has a store in which something may be left")
		}
	}
	if out == r.out {
		for e := range live.Manifest.Files() {
			for f := range e.Forms() {
				if strings.HasPrefix(f.Path, route.AssetDir+"/") {
					r.assets[f.Path] = true
				}
			}
		}
	}
	if live.Dir != r.dirLive { // nothing is pruned where nothing is published
		r.checkKept(out, keep)
	}
	r.dirLive = live.Dir
	r.checkOutput(out)
	return p
}

// checkKept checks the number of releases.
func (r *rig) checkKept(out, keep string) {
	r.Helper()
	if n := len(readDir(r.T, filepath.Join(out, "releases"))); fmt.Sprint(n-1) > keep {
		r.Errorf("%d releases, want %s besides the live one", n, keep)
	}
}

// checkOutput checks that an output directory has nothing left of earlier runs, but for the
// journal of a store whose release is kept and cannot be read: what is that release's own is
// not known.
func (r *rig) checkOutput(out string) {
	r.Helper()
	var releases, stores []string
	used, unreadable := map[string]bool{}, map[string]bool{}
	for _, e := range readDir(r.T, filepath.Join(out, "releases")) {
		releases = append(releases, e)
		to, err := os.Readlink(filepath.Join(out, "releases", e, tree.StoreDir))
		if err != nil {
			continue
		}
		used[filepath.Base(to)] = true
		kept, err := disk.OpenDir(filepath.Join(out, "releases", e))
		if err != nil || kept.Manifest.Load() != nil {
			unreadable[filepath.Base(to)] = true
		}
	}
	for _, e := range readDir(r.T, filepath.Join(out, "immutable")) {
		if unreadable[strings.TrimSuffix(e, ".adding")] {
			continue
		}
		stores = append(stores, e)
		if !used[e] {
			r.Errorf("immutable/%s is left: releases %q use %q", e, releases, slices.Sorted(maps.Keys(used)))
		}
	}
	for _, name := range slices.Concat(releases, stores, readDir(r.T, out)) {
		if strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".adding") {
			r.Errorf("%s is left", name)
		}
	}
}

func readDir(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// filesBelow returns the paths of all that is below a directory, or a link to one, and no
// directory.
func filesBelow(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && p != tree.StoreDir {
			paths = append(paths, p)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return paths
}

// compare compares a release with that of a build from nothing, but for times that were
// moved because an ETag would repeat.
func (r *rig) compare(cold, got *shown) {
	r.Helper()
	moved := map[string]bool{}
	for p, want := range cold.entries {
		e, ok := got.entries[p]
		if !ok {
			r.Errorf("%s (%s) is missing", p, want.Class)
			continue
		}
		if e.Moved > 0 {
			for i := range got.manifest.Parts {
				if got.manifest.LookupClass(p, e.Class) != nil {
					moved[got.manifest.Parts[i].File()] = true
				}
			}
			e.Time, e.Moved = e.GeneratedTime(), 0
		}
		if x, y := fmt.Sprintf("%+v", told(e)), fmt.Sprintf("%+v", told(want)); x != y {
			r.Errorf("%s:\ngot  %s\nwant %s", p, x, y)
		}
	}
	for p, e := range got.entries {
		if _, ok := cold.entries[p]; !ok {
			r.Errorf("%s (%s) is too much", p, e.Class)
		}
	}

	a, b := cold.manifest.Release, got.manifest.Release
	if x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b); x != y {
		r.Errorf("the manifest says %s, want %s", y, x)
	}
	for file, want := range cold.sums {
		switch ahead := cold.times[file].Sub(got.times[file]); {
		case len(moved) > 0:
		case got.sums[file] != want:
			r.Errorf("%s has other bytes", file)
		case ahead != 0 && ahead != time.Second:
			r.Errorf("%s has the time %s, want %s", file, got.times[file], cold.times[file])
		}
	}
}

// told is an entry without pointers.
func told(e tree.Entry) any {
	text := func(v *tree.Variant) string {
		if v == nil {
			return "none"
		}
		return fmt.Sprintf("%d %s", v.Size, v.SHA256)
	}
	gz, br := text(e.Gzip), text(e.Brotli)
	e.Gzip, e.Brotli = nil, nil
	return []any{e, gz, br}
}

// compareETags checks that no file has the time and length, and so the ETag, of other
// content in the release before.
func (r *rig) compareETags(got *shown) {
	r.Helper()
	if r.live == nil {
		return
	}
	for p, e := range got.entries {
		old, ok := r.live.entries[p]
		if ok && old.Time.Equal(e.Time) && old.SHA256 != e.SHA256 && old.Size == e.Size {
			r.Errorf("%s has the ETag of other content", p)
		}
	}
	for file, at := range got.times {
		if old, ok := r.live.times[file]; ok && old.Equal(at) && r.live.sizes[file] == got.sizes[file] &&
			r.live.sums[file] != got.sums[file] {
			r.Errorf("%s has the ETag of other content", file)
		}
	}
}
