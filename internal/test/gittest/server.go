package gittest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
)

// Backend answers for the bare repositories below a directory with git
// http-backend.
func Backend(t testing.TB, root string) http.Handler {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}

	return &cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Dir: root,
		Env:    append(Environ(), "GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1"),
		Stderr: io.Discard, // the answer has the status
	}
}

// BasicAuth lets one user pass (RFC 7617).
func BasicAuth(name, password string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, ok := r.BasicAuth(); !ok || u != name || p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// SSHServer is an OpenSSH server on the loopback that lets in who has a key of
// its AuthorizedKeys, as the user who runs the test.
type SSHServer struct {
	Port           int
	User           string
	AuthorizedKeys string // a file, for the test to fill
	Client         string // a program: ssh with the files of a home directory

}

// ServeSSH starts a server, and skips the test where OpenSSH is not installed.
// Its client reads config and keys below home/.ssh, where SSH itself takes the
// home directory of the user's account.
func ServeSSH(t testing.TB, home string) *SSHServer {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd" // it is seldom on PATH
	}

	ssh, err := exec.LookPath("ssh")
	if _, missing := os.Stat(sshd); err != nil || missing != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("OpenSSH's client or server is not installed")
		}
		t.Skip("OpenSSH's client or server is not installed")
	}

	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	s := &SSHServer{
		User:           me.Username,
		AuthorizedKeys: filepath.Join(dir, "authorized_keys"),
		Client:         filepath.Join(dir, "ssh"),
	}

	GenerateKey(t, filepath.Join(dir, "host_key"))
	write(t, s.AuthorizedKeys, 0o600, "")
	dotSSH := filepath.Join(home, ".ssh")
	if err := os.MkdirAll(dotSSH, 0o700); err != nil {
		t.Fatal(err)
	}

	write(t, filepath.Join(dotSSH, "config"), 0o600, "")
	write(t, s.Client, 0o700, fmt.Sprintf("#!/bin/sh\nexec %s -F %s/config -o UserKnownHostsFile=%s/known_hosts "+
		"-o GlobalKnownHostsFile=%s/ssh_known_hosts \"$@\"\n", ssh, dotSSH, dotSSH, dotSSH))

	if os.Geteuid() == 0 { // sshd wants it for separating privileges
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}

	s.start(t, sshd, dir)
	return s
}

// start runs the server as inetd would, one process for each connection of a
// listener of our own: it is ready from the beginning, at a port that is free.
func (s *SSHServer) start(t testing.TB, sshd, dir string) {
	t.Helper()
	config := filepath.Join(dir, "sshd_config")
	write(t, config, 0o600, fmt.Sprintf("HostKey %s/host_key\nAuthorizedKeysFile %s\nStrictModes no\nPermitRootLogin yes\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nPidFile none\n", dir, s.AuthorizedKeys))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	s.Port = listener.Addr().(*net.TCPAddr).Port
	t.Cleanup(func() { listener.Close() })

	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}

			socket, err := conn.(*net.TCPConn).File()
			conn.Close()

			if err != nil {
				continue
			}

			cmd := exec.Command(sshd, "-i", "-f", config, "-E", filepath.Join(dir, "log"))
			cmd.Stdin, cmd.Stdout = socket, socket
			if cmd.Start() == nil {
				go cmd.Wait()
			}

			socket.Close()
		}
	}()
}

// Known is the server's line of a known_hosts file.
func (s *SSHServer) Known(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("ssh-keyscan", "-t", "ed25519", "-p", fmt.Sprint(s.Port), "127.0.0.1").Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("ssh-keyscan: %v, %q", err, out)
	}
	return string(out)
}

// URL is that of a path on the server.
func (s *SSHServer) URL(path string) string {
	return fmt.Sprintf("ssh://%s@127.0.0.1:%d%s", s.User, s.Port, path)
}

// GenerateKey makes a pair of keys, the public one in a file with .pub behind.
func GenerateKey(t testing.TB, path string) {
	t.Helper()
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
		path).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
}

func write(t testing.TB, path string, mode os.FileMode, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
