// Package gittest runs the git program for tests: the oracle of what a
// repository holds. No configuration or environment of the user reaches it.
package gittest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Start is the time of the first commit that a Repo makes; each one after is a
// minute later.
var Start = time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC)

// Environ is the environment that git runs in: one author and committer, no
// configuration files, no prompts.
func Environ() []string {
	settings := []string{
		"core.fsync=none",
		"gc.auto=0",
		"maintenance.auto=false",
		"protocol.file.allow=always", // submodules from paths
	}

	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + os.DevNull,
		"LC_ALL=C",
		"TZ=UTC",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_TERMINAL_PROMPT=0",
		"GIT_LITERAL_PATHSPECS=1",
		"GIT_AUTHOR_NAME=Ada Lovelace",
		"GIT_AUTHOR_EMAIL=ada@example.org",
		"GIT_COMMITTER_NAME=Grace Hopper",
		"GIT_COMMITTER_EMAIL=grace@example.org",
		fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings)),
	}

	env = append(env, date(Start)...)
	for i, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, key),
			fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, value))
	}

	return env
}

func date(t time.Time) []string {
	at := fmt.Sprintf("%d +0000", t.Unix())
	return []string{"GIT_AUTHOR_DATE=" + at, "GIT_COMMITTER_DATE=" + at}
}

// Run runs git in a directory and returns what it printed, without the last
// line end.
func Run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return run(t, dir, nil, "", args)
}

func run(t testing.TB, dir string, env []string, stdin string, args []string) string {
	t.Helper()

	// Not t.Context: a cleanup may run git too.
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}

	return strings.TrimSuffix(string(out), "\n")
}

// Repo is a work tree in a temporary directory.
type Repo struct {
	Dir string

	t   testing.TB
	now time.Time
}

// Init makes an empty repository, whose branch is main. More arguments go to
// git init.
func Init(t testing.TB, args ...string) *Repo {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as git itself names it
	if err != nil {
		t.Fatal(err)
	}
	r := &Repo{Dir: dir, t: t, now: Start}
	r.Git(append([]string{"init", "--quiet", "--template=", "--initial-branch=main"}, args...)...)
	return r
}

// Git runs git in the work tree.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return run(r.t, r.Dir, date(r.now), "", args)
}

// Feed runs git in the work tree with something to read.
func (r *Repo) Feed(stdin string, args ...string) string {
	r.t.Helper()
	return run(r.t, r.Dir, date(r.now), stdin, args)
}

// Path is a file's path on disk.
func (r *Repo) Path(name string) string { return filepath.Join(r.Dir, filepath.FromSlash(name)) }

// Write writes a file.
func (r *Repo) Write(name, content string) {
	r.t.Helper()
	path := r.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// Commit commits all that is in the work tree, a minute after the last one, and
// returns the commit's full name.
func (r *Repo) Commit(message string) string {
	r.t.Helper()
	r.Git("add", "--all")
	r.Git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "--message", message)
	r.now = r.now.Add(time.Minute)
	return r.Head()
}

// Head is the full name of the commit that HEAD means.
func (r *Repo) Head() string {
	r.t.Helper()
	return r.Git("rev-parse", "HEAD")
}
