package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// privateRepo is a server with a repository that one user may read.
type privateRepo struct {
	root    string // the repository is reference.git in it
	address string // http://HOST:PORT
	work    *gittest.Repo
}

const privateUser, privatePassword = "lovelace", "hunter2"

// servePrivate starts the server.
func servePrivate(t *testing.T) privateRepo {
	t.Helper()
	p := privateRepo{root: t.TempDir(), work: gittest.Init(t)}
	p.work.Write("data/t/t.json", `{"uid": "t"}`)
	p.work.Write("data/t/sites/s/s.json", `{"uid": "s"}`)
	p.work.Commit("one")
	p.work.Git("branch", "side")
	bare := p.bare()
	gittest.Run(t, p.root, "clone", "--quiet", "--mirror", p.work.Dir, bare)
	server := httptest.NewServer(gittest.BasicAuth(privateUser, privatePassword, gittest.Backend(t, p.root)))
	t.Cleanup(server.Close)
	p.address = server.URL
	return p
}

func (p privateRepo) bare() string { return filepath.Join(p.root, "reference.git") }

// url is the repository's, with user and password.
func (p privateRepo) url() string {
	return strings.Replace(p.address, "://", "://"+privateUser+":"+privatePassword+"@", 1) + "/reference.git"
}

var userOrPassword = regexp.MustCompile(privateUser + "|" + privatePassword)

// TestNoPasswordIsShown looks for the user and the password of a repository's
// URL in all that the commands print and write.
func TestNoPasswordIsShown(t *testing.T) {
	t.Parallel()
	p := servePrivate(t)
	dir := t.TempDir()
	cache, out, token := filepath.Join(dir, "cache"), filepath.Join(dir, "out"), filepath.Join(dir, "token")
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	write(token, privatePassword+"\n")
	write(filepath.Join(dir, "config.toml"),
		fmt.Sprintf("[reference]\nrepo = %q\n[site]\nbase_url = %q\n", p.url(), p.url()))
	const at = privateUser + ":" + privatePassword + "@127.0.0.1:1/x"
	for _, tt := range []struct {
		code int
		args []string
	}{
		{0, []string{"build", "--repo", p.url(), "--out", out}},
		{0, []string{"build", "--repo", p.url(), "--out", out, "--force", "--json"}},
		{0, []string{"build", "--repo", p.url(), "--out", filepath.Join(dir, "dry"), "--dry-run"}},
		{0, []string{"build", "--repo", strings.Replace(p.url(), ":"+privatePassword, "", 1), "--token-file", token,
			"--out", out, "--force"}},
		{1, []string{"build", "--repo", p.url(), "--rev", "nope", "--out", out}},
		{1, []string{"build", "--repo", p.url(), "--data-dir", "nope", "--out", out}},
		{2, []string{"build", "--repo", p.url(), "--worktree", "--out", out}},
		{1, []string{"build", "--repo", p.url() + "/nope", "--out", out}},
		{1, []string{"build", "--repo", strings.Replace(p.url(), privatePassword, "x"+privatePassword, 1), "--out",
			out}},
		{1, []string{"build", "--repo", p.url(), "--token-file", token + "/nope", "--out", out}},
		{0, []string{"check", "--repo", p.url()}},
		{0, []string{"check", "--repo", p.url(), "--format", "json"}},
		{0, []string{"check", "--repo", p.url(), "--format", "github"}},
		{0, []string{"diff", "--repo", p.url(), "HEAD", "side"}},
		{0, []string{"diff", "--repo", p.url(), "HEAD", "side", "--json"}},
		{1, []string{"diff", "--repo", p.url(), "HEAD", "nope"}},
		{1, []string{"build", "--repo", "http://" + at, "--out", out}},
		{1, []string{"build", "--repo", "https://" + at, "--out", out}},
		{1, []string{"build", "--repo", "ssh://" + at, "--out", out}},
		{1, []string{"build", "--repo", "git://" + at, "--out", out}},
		{1, []string{"build", "--repo", "file://" + at, "--out", out}},
		{1, []string{"build", "--repo", "nonsense://" + at, "--out", out}},
		{1, []string{"build", "--repo", "https://" + privateUser + ":" + privatePassword + "/x@127.0.0.1:1/x",
			"--out", out}},
		{1, []string{"build", "--ref-dir", p.url(), "--out", out}},
		{1, []string{"build", "--config", filepath.Join(dir, "config.toml"), "--out", out}},
		{2, []string{"build", p.url()}},
		{2, []string{"build", "--sample", "--base-url", p.url(), "--out", out}},
		{2, []string{"serve", "--sample", "--availapi", privateUser + ":" + privatePassword + "@x:1"}},
		{1, []string{"verify", p.url()}},
	} {
		var stdout, stderr bytes.Buffer
		getenv := func(name string) string { return map[string]string{"XDG_CACHE_HOME": cache}[name] }
		code := run(t.Context(), tt.args, &stdout, &stderr, getenv)
		if code != tt.code {
			t.Errorf("%q: exit code %d, want %d\n%s", tt.args, code, tt.code, stderr.Bytes())
		}

		for _, text := range []string{stdout.String(), stderr.String()} {
			if userOrPassword.MatchString(text) {
				t.Errorf("%q prints a secret:\n%s", tt.args, text)
			}
		}
	}

	searchTree(t, cache)
	searchTree(t, out)
}

// searchTree looks for the user and the password in names and contents.
func searchTree(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}

		files++
		data, err := os.ReadFile(path)
		if rel, _ := filepath.Rel(dir, path); userOrPassword.MatchString(rel) || userOrPassword.Match(data) {
			t.Errorf("%s has a secret", path)
		}

		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files in %s, %v", files, dir, err)
	}
}

// TestServeShowsNoPassword polls a branch that goes.
func TestServeShowsNoPassword(t *testing.T) {
	t.Parallel()
	p := servePrivate(t)
	cache := t.TempDir()
	getenv := func(name string) string { return map[string]string{"XDG_CACHE_HOME": cache}[name] }
	r := serveWith(t, getenv, "--repo", p.url(), "--rev", "side", "--poll", "1s", "--no-demo")
	next := r.listen(t)
	next() // what is published
	gittest.Run(t, p.bare(), "branch", "--quiet", "-D", "side")
	failed := next()
	if !strings.Contains(failed.Error, `unknown revision "side"`) ||
		!strings.Contains(failed.Error, "/reference.git") {
		t.Errorf("open pages hear %+v", failed)
	}

	for _, text := range []string{failed.Error, r.stdout.String(), r.stderr.String()} {
		if userOrPassword.MatchString(text) {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestPrivateRepositories runs the commands of the chapter against a real SSH
// server, and a git server that wants a password.
func TestPrivateRepositories(t *testing.T) {
	t.Parallel()
	_, section, ok := strings.Cut(readDoc(t, "operating.md"), "\n## Private repositories\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := shellBlock.FindAllStringSubmatch(section, -1)
	if !ok || len(blocks) < 6 {
		t.Fatalf("docs/operating.md has %d blocks of commands about private repositories", len(blocks))
	}

	p := servePrivate(t)
	gittest.Run(t, p.bare(), "update-server-info")
	mirror := httptest.NewServer(http.FileServer(http.Dir(p.root)))
	t.Cleanup(mirror.Close)
	home, etc, out := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "out")
	ssh := gittest.ServeSSH(t, home)
	host := strings.TrimPrefix(p.address, "http://")
	name, _, _ := strings.Cut(host, ":")
	here := strings.NewReplacer(
		"cat /etc/refapi/deploy_key.pub ", "cat "+etc+"/deploy_key.pub >> "+ssh.AuthorizedKeys+" ",
		"/etc/refapi/", etc+"/",
		"/srv/refapi", out,
		"/etc/ssh/ssh_known_hosts", home+"/.ssh/ssh_known_hosts",
		"ssh-keyscan git.example.org", fmt.Sprintf("ssh-keyscan -p %d 127.0.0.1", ssh.Port),
		"ssh://git@git.example.org/srv/git", ssh.URL(p.root),
		"HostName git.example.org", fmt.Sprintf("HostName 127.0.0.1\n    Port %d", ssh.Port),
		"User git", "User "+ssh.User,
		"reference:/srv/git", "reference:"+p.root,
		`protocol=https\nhost=git.example.org`, `protocol=http\nhost=`+host,
		"machine git.example.org", "machine "+name,
		"login ada", "login "+privateUser,
		"username=ada", "username="+privateUser,
		"https://mirror.example.org", mirror.URL,
		"https://git.example.org", p.address,
		"chgrp refapi", fmt.Sprint("chgrp ", os.Getgid()),
		"chown refapi", fmt.Sprint("chown ", os.Getuid()),
	)

	env := slices.DeleteFunc(os.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "XDG_") ||
			strings.HasPrefix(name, "SSH_") || strings.HasPrefix(name, "REFERENCE_API_")
	})

	env = append(env, "HOME="+home, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"PATH="+filepath.Dir(ssh.Client)+":"+os.Getenv("PATH"))
	for i, block := range blocks {
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}

		script := here.Replace(block[1])
		if i == 0 { // the token is sent with a user of its own without one
			script = strings.Replace(script, "http://", "http://"+privateUser+"@", 1)
		}

		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "token.txt"), []byte(privatePassword+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}

		cmd := exec.Command("sh", "-eu")
		cmd.Dir, cmd.Env, cmd.Stdin = dir, env, strings.NewReader(script)
		printed, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("docs/operating.md: %v\n%s\n%s", err, script, printed)
		}
		_, err = os.Stat(filepath.Join(out, "current", "index.json"))
		if err != nil && strings.Contains(script, "refgen build") {
			t.Errorf("docs/operating.md: nothing is published by\n%s\n%s", script, printed)
		}

		for _, name := range []string{".netrc", ".gitconfig", ".git-credentials", ".ssh/config"} {
			if err := os.Truncate(filepath.Join(home, name), 0); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}

	for _, m := range regexp.MustCompile(`(?m)^Environment=([A-Z_]+)=`).FindAllStringSubmatch(section, -1) {
		if !slices.ContainsFunc(config.Default().Settings(), func(s config.Setting) bool {
			return slices.Contains(s.Variables(), m[1])
		}) {
			t.Errorf("docs/operating.md: nothing reads %s", m[1])
		}
	}
}

// TestCacheDir: clones are never put into the working directory.
func TestCacheDir(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"HOME": "/home/ada"}, "/home/ada/.cache/refgen"},
		{map[string]string{"HOME": "/home/ada", "XDG_CACHE_HOME": "/x"}, "/x/refgen"},
		{map[string]string{"HOME": "/home/ada", "XDG_CACHE_HOME": "x"}, "/home/ada/.cache/refgen"},
		{map[string]string{"HOME": "relative"}, ""},
		{map[string]string{"HOME": "/home/ada", "CACHE_DIRECTORY": "/var/cache/refapi"}, "/var/cache/refapi/refgen"},
		{map[string]string{"CACHE_DIRECTORY": "/var/cache/a:/var/cache/b"}, "/var/cache/a/refgen"},
		{map[string]string{"XDG_CACHE_HOME": "/x", "CACHE_DIRECTORY": "/var/cache/refapi"}, "/x/refgen"},
	} {
		a := &app{Settings: cli.Settings{Getenv: func(name string) string { return tt.env[name] }}}
		if got := a.cacheDir(); got != tt.want {
			t.Errorf("in %v clones are in %q, want %q", tt.env, got, tt.want)
		}
	}

	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"check", "--repo", "https://git.example.org/x"}, &stdout, &stderr,
		func(string) string { return "" })
	if code != cli.ExitFailed || !strings.Contains(stderr.String(), "HOME is not set") ||
		!strings.Contains(stderr.String(), "hint: ") {
		t.Errorf("exit code %d, %s", code, stderr.Bytes())
	}
}

// TestTokenSources: a flag goes before the environment, and that before the file.
func TestTokenSources(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"file", "flag", "variable"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte("[reference]\ntoken_file = \"file\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, tt := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{nil, nil, "of file"},
		{map[string]string{"REFERENCE_API_TOKEN": "itself"}, nil, "itself"},
		{map[string]string{"REFERENCE_API_TOKEN_FILE": filepath.Join(dir, "variable")}, nil, "of variable"},
		{map[string]string{"REFERENCE_API_TOKEN": "itself"}, []string{"--token-file", filepath.Join(dir, "flag")},
			"of flag"},
	} {
		var asked string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, password, ok := r.BasicAuth(); ok {
				asked = password
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
		}))

		var stdout, stderr bytes.Buffer
		getenv := func(name string) string {
			if name == "XDG_CACHE_HOME" {
				return dir
			}
			return tt.env[name]
		}

		args := append([]string{"check", "--config", config, "--repo", server.URL + "/x"}, tt.args...)
		run(t.Context(), args, &stdout, &stderr, getenv)
		server.Close()

		if asked != tt.want {
			t.Errorf("%v %v: the token is %q, want %q\n%s", tt.env, tt.args, asked, tt.want, stderr.Bytes())
		}
	}
}
