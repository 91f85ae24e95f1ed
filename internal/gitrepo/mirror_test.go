package gitrepo_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// theClone is the directory of the only clone in a cache.
func theClone(t testing.TB, cache string) string {
	t.Helper()
	names := clones(t, cache)
	if len(names) != 1 {
		t.Fatalf("the cache holds %q, want one clone", names)
	}
	return filepath.Join(cache, names[0])
}

// find lists the files of a clone that match a pattern, of which there must be some.
func find(t testing.TB, pattern ...string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(found) == 0 {
		t.Fatalf("nothing matches %q: %v", pattern, err)
	}
	return found
}

// damages are what a crash, a full disk or a person may do to a clone.
var damages = map[string]func(t *testing.T, clone string){
	"empty HEAD":    func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "HEAD"), "") },
	"HEAD of noise": func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "HEAD"), "\x00\x01\x02") },
	"no HEAD":       func(t *testing.T, c string) { remove(t, filepath.Join(c, "HEAD")) },
	"empty ref":     func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "refs/heads/main"), "") },
	"ref of noise":  func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "refs/heads/main"), "noise\n") },
	"ref to nothing": func(t *testing.T, c string) {
		writeFile(t, filepath.Join(c, "refs/heads/main"), strings.Repeat("1", 40)+"\n")
	},
	"packed refs of noise": func(t *testing.T, c string) {
		writeFile(t, filepath.Join(c, "packed-refs"), "noise\n")
	},
	"pack without index": func(t *testing.T, c string) { remove(t, find(t, c, "objects/pack/*.idx")...) },
	"index without pack": func(t *testing.T, c string) { remove(t, find(t, c, "objects/pack/*.pack")...) },
	"no packs": func(t *testing.T, c string) {
		if err := os.RemoveAll(filepath.Join(c, "objects/pack")); err != nil {
			t.Fatal(err)
		}
	},
	"pack cut short": func(t *testing.T, c string) {
		if err := os.Truncate(unlocked(t, find(t, c, "objects/pack/*.pack")[0]), 100); err != nil {
			t.Fatal(err)
		}
	},
	"a bit of a pack": func(t *testing.T, c string) {
		path := unlocked(t, find(t, c, "objects/pack/*.pack")[0])
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		writeFile(t, path, string(data))
	},
	"configuration of noise":    func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "config"), "[core\n") },
	"empty configuration":       func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "config"), "") },
	"empty record of the fetch": func(t *testing.T, c string) { writeFile(t, filepath.Join(c, "fetched"), "") },
	"clone that is a file":      func(t *testing.T, c string) { replace(t, c) },
	"empty clone":               func(t *testing.T, c string) { replace(t, c); remove(t, c); makeDirs(t, c) },
	"HEAD that is a directory": func(t *testing.T,
		c string) {
		remove(t, filepath.Join(c, "HEAD"))
		makeDirs(t, c, "HEAD")
	},
	"lock of a killed git": func(t *testing.T,
		c string) {
		writeFile(t, filepath.Join(c, "packed-refs.lock"), "")
	},
	"lock of a reference": func(t *testing.T,
		c string) {
		writeFile(t, filepath.Join(c, "refs/heads/main.lock"), "")
	},
	"leftovers": func(t *testing.T, c string) {
		writeFile(t, c+".new", "not even a directory")
		makeDirs(t, c+".old", "objects")
		writeFile(t, filepath.Join(c, "HEAD.tmp"), "")
		writeFile(t, filepath.Join(c, "objects/pack/tmp_pack_x"), "half")
	},
}

func remove(t testing.TB, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func makeDirs(t testing.TB, path ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(path...), 0o700); err != nil {
		t.Fatal(err)
	}
}

// replace puts a file in the place of a directory.
func replace(t testing.TB, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "")
}

// unlocked makes a file writable, as git's packs are not.
func unlocked(t testing.TB, path string) string {
	t.Helper()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDamagedClone: whatever is wrong with a clone, opening the URL mends it.
func TestDamagedClone(t *testing.T) {
	s := serve(t, grown(t))
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		closeRepo(t, mustOpen(t, s.url, o))
		good := theClone(t, o.CacheDir)
		for name, damage := range damages {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				o := o
				o.CacheDir = t.TempDir()
				clone := filepath.Join(o.CacheDir, filepath.Base(good))
				if err := os.CopyFS(clone, os.DirFS(good)); err != nil {
					t.Fatal(err)
				}

				damage(t, clone)
				compare(t, openIn(t, s.url, o), s.bare)
				theClone(t, o.CacheDir) // and nothing beside it
			})
		}
	})
}

// TestDamagedCloneWithNews has something to fetch, too.
func TestDamagedCloneWithNews(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		r := grown(t)
		s := serve(t, r)
		for i, name := range []string{"empty ref", "pack cut short", "lock of a reference"} {
			closeRepo(t, mustOpen(t, s.url, o))
			damages[name](t, theClone(t, o.CacheDir))
			r.Write("data/news.json", fmt.Sprintf("[%d]", i))
			r.Commit("news")
			r.Git("push", "--quiet", "--mirror", s.bare)
			compare(t, openIn(t, s.url, o), s.bare)
			theClone(t, o.CacheDir)
		}
	})
}

// mustOpen opens what the test itself closes.
func mustOpen(t testing.TB, location string, o gitrepo.Options) *gitrepo.Repo {
	t.Helper()
	repo, err := gitrepo.Open(t.Context(), location, o)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// TestClonedAnewOnce: a server whose repository is damaged itself is asked for
// all of it once, and the clone stays if that fails.
func TestClonedAnewOnce(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		r := grown(t)
		s := serve(t, r)
		closeRepo(t, mustOpen(t, s.url, o))
		clone := theClone(t, o.CacheDir)
		writeFile(t, filepath.Join(clone, "config"), "[core\n")

		packs := 0
		s.before(func(w http.ResponseWriter, r *http.Request, backend http.Handler) {
			if r.Method == http.MethodPost && !strings.Contains(r.Header.Get("Accept"), "ls-refs") {
				packs++
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			backend.ServeHTTP(w, r)
		})

		if _, err := gitrepo.Open(t.Context(), s.url, o); err == nil {
			t.Fatal("a clone that failed is opened")
		}

		if packs == 0 || packs > 2 {
			t.Errorf("%d packs were asked for", packs)
		}
		if theClone(t, o.CacheDir) != clone {
			t.Error("the clone has gone, and there is no other")
		}

		s.before(nil)
		compare(t, openIn(t, s.url, o), s.bare)
	})
}

// TestHeadIsReplaced: HEAD is written only when it differs, and never in place.
func TestHeadIsReplaced(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		s := serve(t, grown(t))
		closeRepo(t, mustOpen(t, s.url, o))
		head := filepath.Join(theClone(t, o.CacheDir), "HEAD")
		first, err := os.Open(head) // keeps its number from being given again
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()

		same := func() bool {
			was, err := first.Stat()
			if err != nil {
				t.Fatal(err)
			}

			is, err := os.Stat(head)
			if err != nil {
				t.Fatal(err)
			}

			return os.SameFile(was, is)
		}

		closeRepo(t, mustOpen(t, s.url, o))
		if !same() {
			t.Error("HEAD was written without need")
		}

		gittest.Run(t, s.bare, "symbolic-ref", "HEAD", "refs/heads/side")
		compare(t, openIn(t, s.url, o), s.bare)

		if same() {
			t.Error("HEAD was written in place")
		}
	})
}

// TestPacksOfClone: packs do not pile up.
func TestPacksOfClone(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		r := grown(t)
		s := serve(t, r)
		most := 0

		for i := range 24 {
			r.Write("data/new.json", fmt.Sprintf("[%d]", i))
			r.Commit("more")
			r.Git("push", "--quiet", "--mirror", s.bare)
			closeRepo(t, mustOpen(t, s.url, o))
			most = max(most, len(find(t, theClone(t, o.CacheDir), "objects/pack/*.pack")))
		}

		if most < 10 || most > 20 {
			t.Errorf("there were up to %d packs, want 20", most)
		}

		if loose, err := filepath.Glob(filepath.Join(theClone(t, o.CacheDir), "objects/??/*")); err != nil ||
			len(loose) > 0 {
			t.Errorf("%d objects have no pack, %v", len(loose), err)
		}

		compare(t, openIn(t, s.url, o), s.bare)
	})
}

// TestOnlyBranchesAndTags: what servers keep beside them is not fetched, and is
// not in clones that an older version made.
func TestOnlyBranchesAndTags(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		r := grown(t)
		r.Git("update-ref", "refs/pull/1/head", "HEAD")
		r.Git("update-ref", "refs/keep-around/1", "HEAD")
		r.Git("replace", "HEAD~1", "HEAD~2")
		s := serve(t, r)
		want := gittest.Run(t, s.bare, "for-each-ref", "refs/heads", "refs/tags", "refs/replace")
		if !strings.Contains(want, "refs/replace/") {
			t.Fatalf("the server has\n%s", want)
		}

		closeRepo(t, mustOpen(t, s.url, o))
		clone := theClone(t, o.CacheDir)
		if got := gittest.Run(t, clone, "for-each-ref"); got != want {
			t.Errorf("the clone has\n%s\nwant\n%s", got, want)
		}

		fresh, err := os.ReadFile(filepath.Join(clone, "config"))
		if err != nil {
			t.Fatal(err)
		}

		// As git clone --mirror leaves it.
		if err := os.RemoveAll(clone); err != nil {
			t.Fatal(err)
		}

		gittest.Run(t, o.CacheDir, "clone", "--quiet", "--mirror", s.bare, clone)
		closeRepo(t, mustOpen(t, s.url, o))

		if got := gittest.Run(t, clone, "for-each-ref"); got != want {
			t.Errorf("the older clone has\n%s\nwant\n%s", got, want)
		}
		if config, err := os.ReadFile(filepath.Join(clone, "config")); err != nil || string(config) != string(fresh) {
			t.Errorf("its configuration is %q, %v", config, err)
		}
	})
}

// TestDetachedHead has a HEAD that no branch has, which go-git refuses, and one
// that is no branch.
func TestDetachedHead(t *testing.T) {
	t.Parallel()
	o := withGit(t, t.TempDir())
	s := serve(t, grown(t))

	for i := range 2 {
		id := gittest.Run(t, s.bare, "commit-tree", "-m", fmt.Sprint(i), "-p", "main", "main^{tree}")
		gittest.Run(t, s.bare, "update-ref", "--no-deref", "HEAD", id)
		compare(t, openIn(t, s.url, o), s.bare)
	}

	gittest.Run(t, s.bare, "update-ref", "refs/meta/config", "HEAD")
	gittest.Run(t, s.bare, "symbolic-ref", "HEAD", "refs/meta/config")

	if got, want := resolve(t, openIn(t, s.url, o), "HEAD").String(), gittest.Run(t, s.bare, "rev-parse",
		"HEAD"); got != want {
		t.Errorf("HEAD is %s, want %s", got, want)
	}

	gittest.Run(t, s.bare, "symbolic-ref", "HEAD", "refs/heads/side")
	compare(t, openIn(t, s.url, o), s.bare)
}

func TestEmptyRemote(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		s := serve(t, gittest.Init(t))
		repo := openIn(t, s.url, o)
		_, err := repo.Resolve("")
		wantError(t, err, "commit something first", "the repository has no commits")
	})
}

// TestFetchTimeout has a server that never answers.
func TestFetchTimeout(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		s := serve(t, grown(t))
		asked, over := make(chan struct{}, 10), make(chan struct{})
		defer close(over)

		s.before(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			asked <- struct{}{}
			select {
			case <-r.Context().Done():
			case <-over:
			}
		})

		o.FetchTimeout = 1 // too short for anything
		fails(t, s.withUser("ada:pass%2Fword"), o, "fetch_timeout_seconds",
			"fetch repository "+s.url+": it takes longer than 1ns")

		// Who interrupts the program does not wait for the server, either.
		o.FetchTimeout = 0
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-asked
			cancel()
		}()

		if _, err := gitrepo.Open(ctx, s.url, o); err != context.Canceled {
			t.Errorf("the error is %v, want %v", err, context.Canceled)
		}
	})
}

func TestNoCacheDir(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		o.CacheDir = ""
		fails(t, "https://ada:pass%2Fword@git.example.org/ref.git", o, "XDG_CACHE_HOME",
			"no directory for its clone, since HOME is not set")
		o.CacheDir = filepath.Join(t.TempDir(), "file")
		writeFile(t, o.CacheDir, "")
		fails(t, "https://ada:pass%2Fword@git.example.org/ref.git", o, "XDG_CACHE_HOME",
			"make the directory for clones")

		if entries, err := os.ReadDir("."); err != nil ||
			slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == ".cache" }) {
			t.Errorf("there is a .cache here: %v, %v", entries, err)
		}
	})
}

// TestHostileLocations: nothing in a location is an option or a command.
func TestHostileLocations(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		mark := filepath.Join(t.TempDir(), "ran")
		for _, location := range []string{
			"ext::sh -c touch% " + mark,
			"ext::touch " + mark,
			"--upload-pack=touch " + mark + ":x",
			"-oProxyCommand=touch " + mark + ":x",
			"ssh://-oProxyCommand=touch%20" + mark + "/x",
			"ssh://-oProxyCommand=touch$IFS" + mark + "/x",
			"ssh://a@-oProxyCommand=touch/x",
			"ftp://127.0.0.1:1/x",
			"nonsense://127.0.0.1:1/x",
			"fd::17/x",
			"https://127.0.0.1:1/x\ny",
			"git://127.0.0.1:1/x%0ahost=y",
			"https://a%0ahost=b:c@127.0.0.1:1/x",
			"127.0.0.1:x\x00y",
		} {
			_, err := gitrepo.Open(t.Context(), location, o)
			if err == nil {
				t.Errorf("%q was opened", location)
			} else if strings.ContainsAny(err.Error(), "\n\x00") {
				t.Errorf("%q: the error has several lines: %q", location, err)
			}

			if _, err := os.Stat(mark); err == nil {
				t.Fatalf("%q ran a command", location)
			}
		}
	})
}
