// Package nginxtest runs the real nginx for tests.
package nginxtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
)

// Ports for servers that get theirs by a flag: below those that systems give
// to outgoing connections, one of which could have the port before the server.
const firstPort, lastPort = 10_000, 30_000

// FreeAddress is an address on the loopback where nothing listens. It belongs to
// the test until that ends: no other test on this machine, of this process or
// another, gets the same.
func FreeAddress(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), "refapi-test-ports")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}

	for range 1000 {
		port := strconv.Itoa(firstPort + rand.IntN(lastPort-firstPort))
		unlock, err := durable.TryLock(filepath.Join(dir, port), 0o666)
		if errors.Is(err, durable.ErrLocked) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}

		address := net.JoinHostPort("127.0.0.1", port)
		l, err := net.Listen("tcp", address)
		if err != nil { // another program's
			_ = unlock()
			continue
		}

		l.Close()
		t.Cleanup(func() { _ = unlock() }) // it ends with the process at the latest
		return address
	}

	t.Fatal("no port is free")
	return ""
}

// Server is a running nginx.
type Server struct {
	Prefix string // its directory
	cmd    *exec.Cmd
	done   chan error
}

// Start runs nginx with a complete configuration until the test ends, and
// waits until it listens on address.
func Start(t testing.TB, conf, address string) *Server {
	t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil {
		t.Fatal("nginx is needed: apt-get install nginx libnginx-mod-http-brotli-static, or run `make test`")
	}

	// Not t.TempDir: nginx's workers are another user, whom its parents keep out.
	prefix, err := os.MkdirTemp("", "nginx-*")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { os.RemoveAll(prefix) })
	if err := os.Chmod(prefix, 0o755); err != nil {
		t.Fatal(err)
	}

	file := filepath.Join(prefix, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}

	s := &Server{Prefix: prefix, done: make(chan error, 1)}
	s.cmd = exec.Command("nginx", "-p", prefix, "-c", file, "-e", "nginx-error.log", "-g", "daemon off;")
	var output strings.Builder
	s.cmd.Stderr = &output
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	go func() { s.done <- s.cmd.Wait() }()
	t.Cleanup(func() { s.Stop(t) })

	deadline := time.Now().Add(time.Minute) // of a hang, not of speed
	for {
		if s.listens(address) {
			return s
		}
		select {
		case err := <-s.done:
			t.Fatalf("nginx ended: %v\n%s%s", err, output.String(), s.ErrorLog())
		case <-time.After(10 * time.Millisecond):
		}

		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen on %s\n%s", address, s.ErrorLog())
		}
	}
}

// listens reports whether nginx is ready: it writes its pid last.
func (s *Server) listens(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	pid, err := os.Stat(filepath.Join(s.Prefix, "nginx.pid"))
	return err == nil && pid.Size() > 0
}

// Stop ends nginx before the test ends, and logs its error log if the test has failed.
func (s *Server) Stop(t testing.TB) {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return
	}
	select {
	case <-s.done:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill() // it may have ended just now
	}

	if t.Failed() {
		t.Logf("nginx's log:\n%s", s.ErrorLog())
	}
}

// Reload makes nginx read its configuration again.
func (s *Server) Reload(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// ErrorLog is what nginx has logged.
func (s *Server) ErrorLog() string {
	log, err := os.ReadFile(filepath.Join(s.Prefix, "nginx-error.log"))
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	return string(log)
}
