package gitrepo_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// home is a home directory with files in it, and the options to fetch with git
// from there.
func home(t testing.TB, files map[string]string) (string, gitrepo.Options) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		makeDirs(t, filepath.Dir(filepath.Join(dir, name)))
		writeFile(t, filepath.Join(dir, name), text)
		if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return dir, withGit(t, filepath.Join(t.TempDir(), "cache"), "HOME="+dir,
		"GIT_CONFIG_GLOBAL="+filepath.Join(dir, ".gitconfig"))
}

// TestWaysOfGit: what git reads over HTTP on a machine is read.
func TestWaysOfGit(t *testing.T) {
	t.Parallel()
	s := serve(t, grown(t))
	s.before(func(w http.ResponseWriter, r *http.Request, backend http.Handler) {
		gittest.BasicAuth("ada", "pass/word", backend).ServeHTTP(w, r)
	})

	gittest.Run(t, s.bare, "update-server-info")
	files := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(s.bare))))
	t.Cleanup(files.Close)
	host := strings.TrimPrefix(s.URL, "http://")

	const helper = "[credential]\n\thelper = \"!f() { echo username=ada; echo password=pass/word; }; f\"\n"
	for _, tt := range []struct {
		name, location, file, text string
	}{
		{
			name:     "netrc",
			location: s.url,
			file:     ".netrc",
			text:     "machine 127.0.0.1 login ada password pass/word\n",
		},
		{
			name:     "netrc, with the user in the address",
			location: s.withUser("ada"),
			file:     ".netrc",
			text:     "machine 127.0.0.1 login ada password pass/word\n",
		},
		{name: "credential helper", location: s.url, file: ".gitconfig", text: helper},
		{
			name:     "credential helper, with the user in the address",
			location: s.withUser("ada"),
			file:     ".gitconfig",
			text:     helper,
		},
		{
			name:     "header",
			location: s.url,
			file:     ".gitconfig",
			text:     "[http]\n\textraHeader = Authorization: Basic YWRhOnBhc3Mvd29yZA==\n",
		},
		{
			name:     "insteadOf",
			location: "https://git.example.org/ref.git",
			file:     ".gitconfig",
			text:     fmt.Sprintf("[url %q]\n\tinsteadOf = https://git.example.org/\n", files.URL+"/"),
		},
		{
			name:     "insteadOf for a prefix",
			location: "lab:ref.git",
			file:     ".gitconfig",
			text:     fmt.Sprintf("[url %q]\n\tinsteadOf = lab:\n", files.URL+"/"),
		},
		{
			name:     "insteadOf for a path",
			location: "https://git.example.org/ref.git",
			file:     ".gitconfig",
			text:     fmt.Sprintf("[url %q]\n\tinsteadOf = https://git.example.org/\n", filepath.Dir(s.bare)+"/"),
		},
		{name: "dumb HTTP", location: files.URL + "/ref.git", file: ".netrc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, o := home(t, map[string]string{tt.file: tt.text})
			compare(t, openIn(t, tt.location, o), s.bare)
			compare(t, openIn(t, tt.location, o), s.bare)
			searchFiles(t, o.CacheDir)
		})
	}

	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		dir, o := home(t, nil)
		fails(t, s.url, o, "set `token_file`",
			"looked for a token (token_file, REFERENCE_API_TOKEN), a password in the URL, ~/.netrc and git's credential helpers")
		o.Environ = append(o.Environ, "HOME=")
		fails(t, s.url, o, "set `token_file`", "no ~/.netrc, since HOME is not set")

		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("the home directory holds %v, %v", entries, err)
		}
	})

	t.Run("password of another host", func(t *testing.T) {
		t.Parallel()
		_, o := home(t, map[string]string{".gitconfig": fmt.Sprintf("[url %q]\n\tinsteadOf = https://git.example.org/\n", s.URL+"/")})
		o.Token, o.TokenFrom = "pass/word", "token.txt"
		fails(t, "https://ada@git.example.org/ref.git", o, " ", "fetch repository https://git.example.org/ref.git: ")
	})

	t.Run("no git", func(t *testing.T) {
		t.Parallel()
		o := gitrepo.Options{CacheDir: t.TempDir()}
		fails(t, files.URL+"/ref.git", o, "the old protocol (dumb HTTP) too", "does not speak git's smart protocol")
		fails(t, "http://"+host+"/ref.git", o, "git is not on PATH", "there are none")
	})
}

// TestSSH reads from a real SSH server, in the ways that SSH has.
func TestSSH(t *testing.T) {
	t.Parallel()
	bare := serve(t, grown(t)).bare
	keys := t.TempDir()
	key := filepath.Join(keys, "deploy key") // with a space, as on a Mac
	gittest.GenerateKey(t, key)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}

	for _, tt := range []struct {
		name string
		// prepare returns the location; the key is registered at the server.
		prepare func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string
	}{
		{"key file", func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string {
			o.SSHKey = key
			return s.URL(bare)
		}},
		{"key file and a password in the address",
			func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string {
				o.SSHKey = key
				return strings.Replace(s.URL(bare), s.User+"@", s.User+":pass%2Fword@", 1)
			}},
		{"GIT_SSH_COMMAND", func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string {
			o.Environ = append(o.Environ, "GIT_SSH_COMMAND=ssh -i '"+key+"'")
			return s.URL(bare)
		}},
		{"core.sshCommand", func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string {
			gittest.Run(t, dir, "config", "--file", filepath.Join(dir, ".gitconfig"), "core.sshCommand",
				"ssh -i '"+key+"'")
			return s.URL(bare)
		}},
		{"alias", func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string {
			writeFile(t, filepath.Join(dir, ".ssh/config"), fmt.Sprintf(
				"Host lab\n\tHostName 127.0.0.1\n\tPort %d\n\tUser %s\n\tIdentityFile \"%s\"\n", s.Port, s.User, key))
			return "lab:" + bare
		}},
		{"insteadOf", func(t *testing.T, s *gittest.SSHServer, dir string, o *gitrepo.Options) string {
			o.SSHKey = key
			writeFile(t, filepath.Join(dir, ".gitconfig"),
				fmt.Sprintf("[url %q]\n\tinsteadOf = https://git.example.org/\n", s.URL(filepath.Dir(bare))+"/"))
			return "https://git.example.org/" + filepath.Base(bare)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, o := home(t, nil)
			s := sshServer(t, dir, &o)
			writeFile(t, s.AuthorizedKeys, string(public))
			location := tt.prepare(t, s, dir, &o)
			compare(t, openIn(t, location, o), bare)
			compare(t, openIn(t, location, o), bare)
		})
	}
}

// sshServer starts a server that the client of the options knows.
func sshServer(t *testing.T, dir string, o *gitrepo.Options) *gittest.SSHServer {
	t.Helper()
	s := gittest.ServeSSH(t, dir)
	o.Environ = append(o.Environ, "PATH="+filepath.Dir(s.Client)+":"+os.Getenv("PATH"))
	writeFile(t, filepath.Join(dir, ".ssh/known_hosts"), s.Known(t))
	return s
}

// TestSSHRefused has the errors of SSH, and what they advise.
func TestSSHRefused(t *testing.T) {
	t.Parallel()
	dir, o := home(t, nil)
	s := sshServer(t, dir, &o)
	fails(t, s.URL("/srv/ref.git"), o, "set `ssh_key`", "accepts no key",
		"tried the SSH agent, ~/.ssh/config and the default keys of ~/.ssh")

	key := filepath.Join(t.TempDir(), "key")
	o.SSHKey = key
	fails(t, s.URL("/srv/ref.git"), o, "check `ssh_key`", "read the SSH key", key)
	gittest.GenerateKey(t, key)
	fails(t, s.URL("/srv/ref.git"), o, "set `ssh_key`", "accepts no key", "tried the key "+key)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}

	writeFile(t, s.AuthorizedKeys, string(public))
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}

	fails(t, s.URL("/srv/ref.git"), o, "chmod 600", "a key file that others may read")
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}

	fails(t, s.URL("/nowhere/ref.git"), o, "check the URL", "there is no such repository", "tried the key "+key)

	writeFile(t, filepath.Join(dir, ".ssh/known_hosts"), "")
	fails(t, s.URL("/srv/ref.git"), o, "ssh-keyscan -p "+strconv.Itoa(s.Port)+" 127.0.0.1", "host key")
	fails(t, "nowhere.invalid:ref.git", o, "check the host's name", "fetch repository nowhere.invalid:ref.git: ")
	fails(t, "ssh://127.0.0.1:1/ref.git", o, "check the host and port", "Connection refused")
}

// TestGitEnvironment: neither hooks nor variables of a hook that refgen may run
// in have an effect, and no password is among the arguments of a process.
func TestGitEnvironment(t *testing.T) {
	t.Parallel()
	hooks := t.TempDir()
	mark := filepath.Join(hooks, "ran")

	for _, name := range []string{"reference-transaction", "post-checkout", "pre-auto-gc"} {
		writeFile(t, filepath.Join(hooks, name), "#!/bin/sh\ntouch "+mark+"\n")
		if err := os.Chmod(filepath.Join(hooks, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}

	_, o := home(t, map[string]string{".gitconfig": "[core]\n\thooksPath = " + hooks +
		"\n[fetch]\n\tprune = false\n[transfer]\n\tunpackLimit = 1000\n"})
	elsewhere := gittest.Init(t)
	o.Environ = append(o.Environ, "GIT_DIR="+elsewhere.Path(".git"), "GIT_WORK_TREE="+elsewhere.Dir,
		"GIT_INDEX_FILE=x",
		"GIT_OBJECT_DIRECTORY="+
			elsewhere.Path(".git/objects"), "GIT_TRACE=1", "GIT_TRACE_CURL=1", "GIT_DEFAULT_HASH=sha256")

	s := serve(t, grown(t))
	password := fmt.Sprintf("only-%p", t) // no other process has it
	requests := 0
	s.before(func(w http.ResponseWriter, r *http.Request, backend http.Handler) {
		gittest.BasicAuth("ada", password, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			searchArguments(t, password)
			backend.ServeHTTP(w, r)
		})).ServeHTTP(w, r)
	})

	compare(t, openIn(t, s.withUser("ada:"+password), o), s.bare)
	if requests == 0 {
		t.Error("no request came with the password")
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("a hook was run")
	}
}

// searchArguments looks for a password among the arguments of all processes,
// where the system shows them as files.
func searchArguments(t testing.TB, password string) {
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Error(err)
	}

	for _, name := range all {
		// Processes end meanwhile.
		if line, err := os.ReadFile(name); err == nil && bytes.Contains(line, []byte(password)) {
			t.Errorf("%s holds the password: %q", name, line)
		}
	}
}

// TestCancelEndsAll cancels while SSH waits for its server: git, SSH and what
// that has begun end before Open returns, or soon after.
func TestCancelEndsAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Skipf("mkfifo: %v, %s", err, out)
	}

	// A child that neither reads nor hears of the connection's end.
	script := filepath.Join(dir, "hanging")
	writeFile(t, script, "#!/bin/sh\nexec 3>"+fifo+
		"\necho begun >&3\nsleep 1000 </dev/null >/dev/null 2>&1 &\nwait\n")

	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}

	o := withGit(t, filepath.Join(dir, "cache"), "GIT_SSH_COMMAND="+script)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	ended := make(chan error, 1)
	go func() {
		_, err := gitrepo.Open(ctx, "git.example.org:ref.git", o)
		ended <- err
	}()

	// Opening waits for a writer; the file ends when the last one has.
	pipe, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()

	lines := bufio.NewReader(pipe)
	if line, err := lines.ReadString('\n'); err != nil || line != "begun\n" {
		t.Fatalf("the script says %q, %v", line, err)
	}

	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
	if _, err := io.ReadAll(lines); err != nil {
		t.Error(err)
	}
}
