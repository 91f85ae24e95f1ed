package gitrepo_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// bundleFile makes a bundle of a repository, and returns its path.
func bundleFile(t testing.TB, r *gittest.Repo) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	r.Git("bundle", "create", "--quiet", path, "--all")
	return path
}

// wholeEntries are the entries of a cache: directories of three files, and nothing
// that is not finished.
func wholeEntries(t testing.TB, cache string) (dirs []string) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(cache, "bundles", "*"))
	if err != nil {
		t.Fatal(err)
	}

	for _, dir := range dirs {
		if files, err := os.ReadDir(dir); err != nil || len(files) != 3 || len(filepath.Base(dir)) != 64 {
			t.Errorf("%s has %v, %v; want three files", dir, files, err)
		}
	}

	return dirs
}

// theEntry is the only entry of a cache.
func theEntry(t testing.TB, cache string) string {
	t.Helper()
	dirs := wholeEntries(t, cache)
	if len(dirs) != 1 {
		t.Fatalf("the cache has %q, want one bundle", dirs)
	}
	return dirs[0]
}

// contents are the files of an entry, with their times, by name.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, path := range find(t, dir, "*") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(data)
	}
	return files
}

// TestBundleIsKept: a bundle is indexed once, and all of it is read from the cache
// then, also when it lies elsewhere, and when its entry is deleted meanwhile.
func TestBundleIsKept(t *testing.T) {
	t.Parallel()
	r := grown(t)
	bundle, o := bundleFile(t, r), gitrepo.Options{CacheDir: filepath.Join(t.TempDir(), "made", "here")}
	compare(t, openIn(t, bundle, o), r.Dir)
	entry := theEntry(t, o.CacheDir)
	before, err := os.Stat(filepath.Join(entry, "bundle.pack"))
	if err != nil {
		t.Fatal(err)
	}

	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(bundle, moved); err != nil {
		t.Fatal(err)
	}
	repo := openIn(t, moved, o)
	after, err := os.Stat(filepath.Join(theEntry(t, o.CacheDir), "bundle.pack"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the pack was written again: %v", err)
	}

	gittest.Run(t, t.TempDir(), "index-pack", "--verify", filepath.Join(entry, "bundle.pack"))
	if err := os.RemoveAll(o.CacheDir); err != nil {
		t.Fatal(err)
	}
	compare(t, repo, r.Dir)
}

// TestDamagedEntry: whatever is wrong with an entry, opening the bundle mends it.
func TestDamagedEntry(t *testing.T) {
	t.Parallel()
	r := grown(t)
	bundle := bundleFile(t, r)
	o := gitrepo.Options{CacheDir: t.TempDir()}
	closeRepo(t, mustOpen(t, bundle, o))
	good := theEntry(t, o.CacheDir)
	want := contents(t, good)

	damages := map[string]func(t *testing.T, entry string){
		"a file in its place": func(t *testing.T, e string) { replace(t, e) },
		"empty":               func(t *testing.T, e string) { replace(t, e); remove(t, e); makeDirs(t, e) },
		"leftovers":           func(t *testing.T, e string) { writeFile(t, filepath.Join(e, "record"), "1 bytes unpacked\n") },
		"other limits": func(t *testing.T, e string) {
			writeFile(t, filepath.Join(e, "record"), "1"+want["record"])
		},
	}
	for name, text := range want {
		damages["no "+name] = func(t *testing.T, e string) { remove(t, filepath.Join(e, name)) }
		damages["directory "+name] = func(t *testing.T, e string) {
			remove(t, filepath.Join(e, name))
			makeDirs(t, e, name)
		}
		damages["cut "+name] = func(t *testing.T, e string) { writeFile(t, filepath.Join(e, name), text[:len(text)/2]) }
		damages["longer "+name] = func(t *testing.T, e string) { writeFile(t, filepath.Join(e, name), text+"x") }
		for _, at := range []int{0, len(text) / 2, len(text) - 1} {
			damages[fmt.Sprintf("byte %d of %s", at, name)] = func(t *testing.T, e string) {
				other := []byte(text)
				other[at] ^= 1
				writeFile(t, filepath.Join(e, name), string(other))
			}
		}
	}

	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := gitrepo.Options{CacheDir: t.TempDir()}
			entry := filepath.Join(o.CacheDir, "bundles", filepath.Base(good))
			if err := os.CopyFS(entry, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}

			damage(t, entry)
			compare(t, openIn(t, bundle, o), r.Dir)
			if diff := cmp.Diff(want, contents(t, theEntry(t, o.CacheDir))); diff != "" {
				t.Errorf("the entry is another one (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKeptBundleWithLowerLimits: what is in the cache is refused as if it were not.
func TestKeptBundleWithLowerLimits(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	r.Write("a", strings.Repeat("x", 3<<20))
	r.Commit("one")
	bundle := bundleFile(t, r)
	o := gitrepo.Options{CacheDir: t.TempDir()}
	closeRepo(t, mustOpen(t, bundle, o))

	for advice, lower := range map[string]func(*gitrepo.Limits){
		"--max-object-mib":   func(l *gitrepo.Limits) { l.Object = 1 << 20 },
		"--max-unpacked-mib": func(l *gitrepo.Limits) { l.Unpacked = 16 << 20 },
	} {
		limits := gitrepo.DefaultLimits()
		lower(&limits)
		_, want := gitrepo.Open(t.Context(), bundle, gitrepo.Options{Limits: &limits})
		_, got := gitrepo.Open(t.Context(), bundle, gitrepo.Options{Limits: &limits, CacheDir: o.CacheDir})
		wantError(t, want, advice, "unpack: ")
		wantError(t, got, advice, want.Error())
	}
}

// TestBundleWithoutCache: a bundle is read where nothing can be kept.
func TestBundleWithoutCache(t *testing.T) {
	t.Parallel()
	r := grown(t)
	bundle := bundleFile(t, r)
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, "")
	taken := t.TempDir()
	writeFile(t, filepath.Join(taken, "bundles"), "")

	for name, dir := range map[string]string{
		"none": "", "a file": file, "below a file": filepath.Join(file, "cache"), "its place is taken": taken,
	} {
		compare(t, openIn(t, bundle, gitrepo.Options{CacheDir: dir}), r.Dir)
		if data, err := os.ReadFile(file); err != nil || len(data) > 0 {
			t.Errorf("%s: the file has %q, %v", name, data, err)
		}
	}
}

// TestBundlesAtOnce: processes that do not know of one another read one bundle.
func TestBundlesAtOnce(t *testing.T) {
	t.Parallel()
	r := grown(t)
	bundle, cache := bundleFile(t, r), t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				repo, err := gitrepo.Open(t.Context(), bundle, gitrepo.Options{CacheDir: cache})
				if err != nil {
					t.Error(err)
					return
				}

				compare(t, repo, r.Dir)
				closeRepo(t, repo)
				if dirs, _ := filepath.Glob(filepath.Join(cache, "bundles", "?????????????????*")); len(dirs) > 0 {
					_ = os.Truncate(filepath.Join(dirs[0], "bundle.idx"), 10) // and one is damaged again and again
				}
			}
		})
	}
	all.Wait()

	closeRepo(t, mustOpen(t, bundle, gitrepo.Options{CacheDir: cache}))
	theEntry(t, cache)
}

// TestBundlesArePruned: what was not used for longest goes, and what a killed process
// has left a day ago.
func TestBundlesArePruned(t *testing.T) {
	t.Parallel()
	const most = 16
	o := gitrepo.Options{CacheDir: t.TempDir()}
	r := gittest.Init(t)
	var bundles, entries []string
	long := time.Now().Add(-100 * time.Hour)
	add := func(n int) {
		r.Write("a", fmt.Sprint(n))
		r.Commit("more")
		bundles = append(bundles, bundleFile(t, r))
		closeRepo(t, mustOpen(t, bundles[n], o))
		for _, e := range wholeEntries(t, o.CacheDir) {
			if !slices.Contains(entries, e) {
				entries = append(entries, e)
			}
		}
	}

	for n := range most {
		add(n)
		at := long.Add(time.Duration(n) * time.Hour)
		if err := os.Chtimes(entries[n], at, at); err != nil {
			t.Fatal(err)
		}
	}

	closeRepo(t, mustOpen(t, bundles[0], o)) // it is the newest now, and the second the oldest
	left := filepath.Join(o.CacheDir, "bundles", "new-left")
	makeDirs(t, left)
	if err := os.Chtimes(left, long, long); err != nil {
		t.Fatal(err)
	}

	add(most)
	want := slices.Delete(slices.Clone(entries), 1, 2)
	if got := wholeEntries(t, o.CacheDir); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("there are %q\nwant %q", got, want)
	}
}

// TestPipe reads a bundle that can be read once only.
func TestPipe(t *testing.T) {
	t.Parallel()
	r := grown(t)
	data, err := os.ReadFile(bundleFile(t, r))
	if err != nil {
		t.Fatal(err)
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()

	go func() {
		_, _ = bytes.NewReader(data).WriteTo(out)
		_ = out.Close()
	}()

	path := fmt.Sprintf("/proc/self/fd/%d", in.Fd())
	if _, err := os.Stat(path); err != nil {
		t.Skipf("open files have a path where /proc has them: %v", err)
	}
	compare(t, openIn(t, path, gitrepo.Options{CacheDir: t.TempDir()}), r.Dir)
}
