package gitrepo_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// server is a repository behind git http-backend.
type server struct {
	*httptest.Server
	bare string // the served repository
	url  string

	// wrap, where set, stands before the backend.
	wrap atomic.Pointer[func(http.ResponseWriter, *http.Request, http.Handler)]
}

func serve(t testing.TB, r *gittest.Repo) *server {
	t.Helper()
	root := t.TempDir()
	s := &server{bare: filepath.Join(root, "ref.git")}
	gittest.Run(t, r.Dir, "clone", "--quiet", "--mirror", ".", s.bare)
	backend := gittest.Backend(t, root)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wrap := s.wrap.Load(); wrap != nil {
			(*wrap)(w, r, backend)
			return
		}
		backend.ServeHTTP(w, r)
	}))

	t.Cleanup(s.Close)
	s.url = s.URL + "/ref.git"
	return s
}

// before puts something before the backend, nil for nothing.
func (s *server) before(f func(http.ResponseWriter, *http.Request, http.Handler)) {
	if f == nil {
		s.wrap.Store(nil)
		return
	}
	s.wrap.Store(&f)
}

// withUser is the server's URL with somebody's credentials.
func (s *server) withUser(user string) string {
	return strings.Replace(s.url, "://", "://"+user+"@", 1)
}

// withGit are options to fetch with the git program, in an environment without
// the user's, and with more variables.
func withGit(t testing.TB, cache string, environ ...string) gitrepo.Options {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	return gitrepo.Options{CacheDir: cache, Git: git, Environ: append(gittest.Environ(), environ...)}
}

// bothWays runs a test with the git program and without.
func bothWays(t *testing.T, test func(t *testing.T, o gitrepo.Options)) {
	t.Parallel()
	for name, program := range map[string]bool{"git": true, "go-git": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := withGit(t, filepath.Join(t.TempDir(), "made", "here"))
			if !program {
				o.Git = ""
			}
			test(t, o)
		})
	}
}

// openIn opens a location with a cache for clones that outlives it.
func openIn(t testing.TB, location string, o gitrepo.Options) *gitrepo.Repo {
	t.Helper()
	repo, err := gitrepo.Open(t.Context(), location, o)
	if err != nil {
		t.Fatalf("%v (%s)", err, hint.Of(err))
	}
	t.Cleanup(func() { closeRepo(t, repo) })
	return repo
}

// clones lists what a cache holds, without locks.
func clones(t testing.TB, cache string) []string {
	t.Helper()
	var names []string
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}

	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			names = append(names, e.Name())
		}
	}

	return names
}

func TestOpenURL(t *testing.T) { bothWays(t, testOpenURL) }

func testOpenURL(t *testing.T, o gitrepo.Options) {
	r := grown(t)
	r.Git("branch", "doomed")
	s := serve(t, r)
	compare(t, openIn(t, s.url, o), s.bare)

	// New commits, a branch that went another way, one that is gone, a moved tag
	// and another HEAD.
	r.Write("data/new.json", "{}")
	r.Commit("new")
	r.Git("checkout", "--quiet", "side")
	r.Git("reset", "--quiet", "--hard", "v1")
	r.Write("data/other.json", "{}")
	r.Commit("another way")
	r.Git("branch", "--delete", "--force", "doomed")
	r.Git("tag", "--force", "v1", "main")
	r.Git("push", "--quiet", "--mirror", s.bare)
	gittest.Run(t, s.bare, "symbolic-ref", "HEAD", "refs/heads/side")
	names := clones(t, o.CacheDir)
	if len(names) != 1 {
		t.Fatalf("the cache holds %q, want one clone", names)
	}

	marker := filepath.Join(o.CacheDir, names[0], "objects", "info", "marker")
	writeFile(t, marker, "")

	repo := openIn(t, s.url, o)
	compare(t, repo, s.bare)

	for _, rev := range []string{"main", "side", "v1"} {
		if got, want := resolve(t, repo, rev).String(), gittest.Run(t, s.bare, "rev-parse",
			rev+"^{commit}"); got != want {
			t.Errorf("%s is %s, want %s", rev, got, want)
		}
	}

	if id, err := repo.Resolve("doomed"); err == nil {
		t.Errorf("a branch that is gone is still %s", id)
	}
	if _, err := os.Stat(marker); err != nil {
		t.Errorf("the clone was not reused: %v", err)
	}

	gittest.Run(t, s.bare, "update-ref", "--no-deref", "HEAD", "refs/heads/main")
	compare(t, openIn(t, s.url, o), s.bare)

	gittest.Run(t, s.bare, "symbolic-ref", "HEAD", "refs/heads/side")
	gittest.Run(t, s.bare, "branch", "-D", "main")
	compare(t, openIn(t, s.url, o), s.bare)
}

// TestInterruptedClone breaks the connection in the middle of the pack.
func TestInterruptedClone(t *testing.T) { bothWays(t, testInterruptedClone) }

func testInterruptedClone(t *testing.T, o gitrepo.Options) {
	s := serve(t, grown(t))
	s.before(func(w http.ResponseWriter, r *http.Request, backend http.Handler) {
		if r.Method == http.MethodPost {
			w = &cutting{ResponseWriter: w, left: 200}
		}
		backend.ServeHTTP(w, r)
	})

	_, err := gitrepo.Open(t.Context(), s.url, o)
	wantError(t, err, "check the ", "fetch repository "+s.url+": ")

	if names := clones(t, o.CacheDir); len(names) > 0 {
		t.Errorf("the cache holds %q", names)
	}

	s.before(nil)
	compare(t, openIn(t, s.url, o), s.bare)

	// The same with a fetch, and a clone that a killed process left.
	gittest.Run(t, s.bare, "symbolic-ref", "HEAD", "refs/heads/side")
	s.before(func(w http.ResponseWriter, r *http.Request, backend http.Handler) { panic(http.ErrAbortHandler) })
	_, err = gitrepo.Open(t.Context(), s.url, o)
	wantError(t, err, "check the ", "fetch repository "+s.url+": ")
	s.before(nil)
	names := clones(t, o.CacheDir)
	if err := os.Rename(filepath.Join(o.CacheDir, names[0]), filepath.Join(o.CacheDir, names[0]+".new")); err != nil {
		t.Fatal(err)
	}

	compare(t, openIn(t, s.url, o), s.bare)
	if got := clones(t, o.CacheDir); len(got) != 1 || got[0] != names[0] {
		t.Errorf("the cache holds %q, want %q", got, names)
	}
}

// cutting breaks a connection after so many bytes.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	if len(p) > c.left {
		c.ResponseWriter.Write(p[:c.left])
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

func TestOpenURLTogether(t *testing.T) { bothWays(t, testOpenURLTogether) }

func testOpenURLTogether(t *testing.T, o gitrepo.Options) {
	s := serve(t, grown(t))
	want := gittest.Run(t, s.bare, "log", "--format=%H")
	var wg sync.WaitGroup

	for range 4 {
		wg.Go(func() {
			repo, err := gitrepo.Open(context.Background(), s.url, o)
			if err != nil {
				t.Error(err)
				return
			}
			defer closeRepo(t, repo)

			if got, err := repo.Resolve(""); err != nil || !strings.HasPrefix(want, got.String()) {
				t.Errorf("HEAD is %s, %v", got, err)
			}
		})
	}

	wg.Wait()
	if names := clones(t, o.CacheDir); len(names) != 1 {
		t.Errorf("the cache holds %q, want one clone", names)
	}
}

// TestOpenURLCancelled waits for somebody else's fetch, in vain.
func TestOpenURLCancelled(t *testing.T) { bothWays(t, testOpenURLCancelled) }

func testOpenURLCancelled(t *testing.T, o gitrepo.Options) {
	s := serve(t, grown(t))
	openIn(t, s.url, o)
	locks, err := filepath.Glob(filepath.Join(o.CacheDir, "*.lock"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("the locks are %q, %v", locks, err)
	}

	unlock, err := durable.TryLock(locks[0], 0o600)
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := gitrepo.Open(ctx, s.url, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait gives %v, want %v", err, context.Canceled)
	}

	if err := unlock(); err != nil {
		t.Fatal(err)
	}

	compare(t, openIn(t, s.url, o), s.bare)
}
