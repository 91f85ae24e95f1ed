// Package keystonetest runs the real Keystone for tests.
package keystonetest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// The Python and the programs of Debian's package: another Python that comes
// first in PATH lacks its modules.
const (
	python  = "/usr/bin/python3"
	manage  = "/usr/bin/keystone-manage"
	service = "/usr/bin/keystone-wsgi-public"
)

// Server is a running Keystone.
type Server struct {
	URL string // ending in /v3
}

// AdminPassword is that of the user admin in the project admin.
const AdminPassword = "keystonetest-admin"

// Start runs a Keystone until the test ends. It takes some ten seconds: let
// tests be subtests of one that starts it.
func Start(t testing.TB) *Server {
	t.Helper()
	for _, program := range []string{python, manage, service} {
		if _, err := os.Stat(program); err != nil {
			t.Fatal("Keystone is needed: apt-get install --no-install-recommends python3-keystone, or run `make test`")
		}
	}

	dir, address := t.TempDir(), nginxtest.FreeAddress(t)
	conf := fmt.Sprintf(`[database]
connection = sqlite:///%[1]s/keystone.db
sqlite_synchronous = false
[identity]
password_hash_rounds = 4
[fernet_tokens]
key_repository = %[1]s/fernet
[credential]
key_repository = %[1]s/credential
`, dir)
	if err := os.WriteFile(filepath.Join(dir, "keystone.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, keys := range []string{"fernet", "credential"} {
		if err := os.Mkdir(filepath.Join(dir, keys), 0o700); err != nil {
			t.Fatal(err)
		}
	}

	s := &Server{URL: "http://" + address + "/v3"}
	var g errgroup.Group

	// Keystone keeps cursors open: without a write-ahead log they lock it out.
	pragma := exec.Command(python, "-c",
		"import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('pragma journal_mode = wal')", filepath.Join(dir,
			"keystone.db"))
	if out, err := pragma.CombinedOutput(); err != nil {
		t.Fatalf("make the database: %v\n%s", err, out)
	}

	owner := owner(t)
	g.Go(func() error { return run(dir, "db_sync") })
	g.Go(func() error { return run(dir, append([]string{"fernet_setup"}, owner...)...) })
	g.Go(func() error { return run(dir, append([]string{"credential_setup"}, owner...)...) })

	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}

	// While Keystone starts, what it will serve is made.
	g.Go(func() error {
		return run(dir, "bootstrap", "--bootstrap-username", "admin", "--bootstrap-project-name", "admin",
			"--bootstrap-role-name", "admin",
			"--bootstrap-password", AdminPassword, "--bootstrap-service-name", "keystone", "--bootstrap-region-id", "identity", "--bootstrap-public-url", s.URL)
	})

	serve(t, dir, address)
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}

	s.createUser(t)
	return s
}

// owner says whose the keys are.
func owner(t testing.TB) []string {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}

	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}

	return []string{"--keystone-user", me.Username, "--keystone-group", group.Name}
}

// run runs keystone-manage. That it complains as it exits is eventlet's doing,
// and harmless.
func run(dir string, args ...string) error {
	cmd := exec.Command(python,
		append([]string{manage, "--config-file", filepath.Join(dir, "keystone.conf")}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("keystone-manage %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// startLimit is how long a Keystone that never answers is waited for. It ends
// a test that hangs, and says nothing about how fast Keystone has to be.
const startLimit = 5 * time.Minute

// serve runs Keystone, and waits until it answers: it listens before that.
func serve(t testing.TB, dir, address string) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}

	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}

	cmd := exec.Command(python, service, "--host", host, "--port", port)
	cmd.Env = append(os.Environ(), "OS_KEYSTONE_CONFIG_DIR="+dir)
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	log.Close()

	if err != nil {
		t.Fatal(err)
	}

	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // it is killed
	}()

	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended just now
		<-done
		if t.Failed() {
			t.Logf("Keystone's log:\n%s", tail(log.Name()))
		}
	})

	deadline := time.Now().Add(startLimit)
	for tick := time.Tick(20 * time.Millisecond); ; {
		if resp, err := http.Get("http://" + address + "/v3"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}

		select {
		case <-done:
			t.Fatalf("Keystone ended:\n%s", tail(log.Name()))
		case <-tick:
		}

		if time.Now().After(deadline) {
			t.Fatalf("Keystone does not answer on %s\n%s", address, tail(log.Name()))
		}
	}
}

// tail is the end of a log.
func tail(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	lines := strings.Split(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}
