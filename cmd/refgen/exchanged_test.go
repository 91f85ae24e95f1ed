package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// renamed is a copy of the testbed with a commit more, in which the site has
// another name.
func renamed(t *testing.T, repo *gittest.Repo, dir, name string) {
	t.Helper()
	gittest.Run(t, t.TempDir(), "clone", "--quiet", repo.Dir, dir)
	if err := os.WriteFile(filepath.Join(dir, siteFile), []byte(`{"uid": "s", "name": "`+name+`"}`),
		0o644); err != nil {
		t.Fatal(err)
	}
	gittest.Run(t, dir, "commit", "--quiet", "--all", "--message", name)
}

// A repository that another takes the place of is read anew, and watched.
func TestServeExchanged(t *testing.T) {
	t.Parallel()
	swap := func(t *testing.T, link, to string) {
		t.Helper()
		if err := os.Symlink(to, link+".next"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link+".next", link); err != nil {
			t.Fatal(err)
		}
	}

	link := func(t *testing.T, dir string) {
		swap(t, filepath.Join(dir, "repo"), "rev2")
	}

	move := func(t *testing.T, dir string) {
		t.Helper()
		repo := filepath.Join(dir, "repo")
		if err := os.Rename(repo, repo+".old"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "rev2"), repo); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name     string
		args     []string // DIR is where the repository repo is
		linked   bool     // by a link, as git-sync does it
		exchange func(t *testing.T, dir string)
	}{
		{name: "link", args: []string{"--repo", "DIR/repo"}, linked: true, exchange: link},
		{
			name:     "link, work tree",
			args:     []string{"--repo", "DIR/repo", "--worktree"},
			linked:   true,
			exchange: link,
		},
		{
			name:     "link, data directory",
			args:     []string{"--ref-dir", "DIR/repo/data/t", "--worktree"},
			linked:   true,
			exchange: link,
		},
		{name: "moved", args: []string{"--repo", "DIR/repo"}, exchange: move},
		{name: "moved, work tree", args: []string{"--repo", "DIR/repo", "--worktree"}, exchange: move},
		{name: "moved, data directory", args: []string{"--ref-dir", "DIR/repo/data/t"}, exchange: move},
		{name: "moved, as URL", args: []string{"--repo", "file://DIR/repo"}, exchange: move},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, repo := t.TempDir(), testbed(t)
			first := filepath.Join(dir, "repo")

			if tt.linked {
				first = filepath.Join(dir, "rev1")
				swap(t, filepath.Join(dir, "repo"), "rev1")
			}

			renamed(t, repo, first, "first")
			renamed(t, repo, filepath.Join(dir, "rev2"), "second")
			args := []string{"--out", t.TempDir()}
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "DIR", dir))
			}

			r := serve(t, args...)
			next := r.listen(t)
			next()
			tt.exchange(t, dir)

			// Between the two steps of a move nothing may be there.
			for !strings.Contains(r.get(t, "/sites/s"), `"second"`) {
				next()
			}

			// The new one is watched.
			file := filepath.Join(dir, "repo", siteFile)
			if err := os.WriteFile(file, []byte(`{"uid": "s", "name": "third"}`), 0o644); err != nil {
				t.Fatal(err)
			}

			gittest.Run(t, filepath.Dir(file), "commit", "--quiet", "--all", "--message", "third")
			for !strings.Contains(r.get(t, "/sites/s"), `"third"`) {
				next()
			}
		})
	}
}

// While the repository is gone that is said, once, and the last good site stays.
func TestServeGone(t *testing.T) {
	t.Parallel()
	dir, repo := t.TempDir(), testbed(t)
	place := filepath.Join(dir, "repo")
	renamed(t, repo, place, "first")
	r := serve(t, "--repo", place, "--worktree", "--out", t.TempDir())
	next := r.listen(t)
	first := next()

	if err := os.Rename(place, place+".away"); err != nil {
		t.Fatal(err)
	}

	gone := next()
	for !strings.Contains(gone.Error, "repo is gone") { // events may be faster than the look
		gone = next()
	}

	if gone.Release != first.Release || !strings.Contains(r.get(t, "/sites/s"), `"first"`) {
		t.Errorf("while the repository is gone: %+v", gone)
	}

	if err := os.Rename(place+".away", place); err != nil {
		t.Fatal(err)
	}

	if back := next(); back.Error != "" || back.Release != first.Release {
		t.Errorf("when it is back: %+v", back)
	}
	if n := strings.Count(r.stderr.String(), "is gone"); n != 1 {
		t.Errorf("that it is gone is said %d times:\n%s", n, r.stderr)
	}
	if !strings.Contains(r.stdout.String(), "as it was published") {
		t.Errorf("that it is back is not said:\n%s", r.stdout)
	}
}

// Where no events come the repository is looked at every now and then, and the
// terminal says what to raise. The limits are those of a user namespace.
func TestServeUnwatched(t *testing.T) {
	t.Parallel()
	unshare, err := exec.LookPath("unshare")
	if err != nil || exec.Command(unshare, "-Ur", "sh", "-c",
		"echo 1 > /proc/sys/user/max_inotify_watches").Run() != nil {
		t.Skip("user namespaces with limits of their own are not allowed here")
	}

	for limit, advice := range map[string]string{"watches": "fs.inotify.max_user_watches",
		"instances": "fs.inotify.max_user_instances"} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			repo := testbed(t)
			r := serveIn(t, []string{unshare, "-Ur", "sh", "-c",
				`echo 0 > /proc/sys/user/max_inotify_` + limit + `; exec "$0" "$@"`},
				"--repo", repo.Dir, "--worktree", "--out", t.TempDir())
			if text := r.stderr.String(); strings.Count(text, "looking every two seconds instead") != 1 ||
				!strings.Contains(text, advice) {
				t.Errorf("the terminal does not say %s once:\n%s", advice, text)
			}

			next := r.listen(t)
			next()
			writeSite(repo, "two")

			for !strings.Contains(r.get(t, "/sites/s"), `"two"`) {
				next()
			}
		})
	}
}

// serveIn runs `refgen serve` in a process of its own, behind other commands,
// until the test ends.
func serveIn(t *testing.T, command []string, args ...string) running {
	t.Helper()
	found, ended := make(chan string, 1), make(chan error, 1)
	r := running{stdout: &output{found: found}, stderr: &output{}}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	command = append(command, self, "--config", os.DevNull, "serve", "--host", "127.0.0.1", "--port", "0")
	cmd := exec.Command(command[0], append(command[1:], args...)...)
	cmd.Env = append(os.Environ(), asRefgen+"=1", "XDG_CACHE_HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = r.stdout, r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	go func() { ended <- cmd.Wait() }()
	select {
	case r.address = <-found:
	case err := <-ended:
		t.Fatalf("%v\n%s%s", err, r.stdout, r.stderr)
	}

	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("%v\n%s%s", err, r.stdout, r.stderr)
		}
	})

	return r
}
