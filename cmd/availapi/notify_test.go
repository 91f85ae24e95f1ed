package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// manager is a service manager's end of the socket.
type manager struct {
	*net.UnixConn
	socket string
}

func newManager(t testing.TB, socket string) *manager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &manager{conn, socket}
}

// next is the next state that the program reports.
func (m *manager) next(t testing.TB) string {
	t.Helper()
	if err := m.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}

	var text [1024]byte
	n, err := m.Read(text[:])
	if err != nil {
		t.Fatalf("no state is reported: %v", err)
	}

	return string(text[:n])
}

// The program reports when it is ready, when it reloads and when it stops, to a
// socket in a directory and to an abstract one.
func TestServiceManagerIsNotified(t *testing.T) {
	t.Parallel()
	for name, socket := range map[string]string{
		"a path": filepath.Join(t.TempDir(), "notify"), "an abstract socket": fmt.Sprintf("@refapi-test-%d",
			os.Getpid()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, m := newTestbed(t), newManager(t, socket)
			c := b.spawn(t, map[string]string{"NOTIFY_SOCKET": socket},
				append(b.config(t, settings), "--port", "0")...)
			want := func(state string) {
				t.Helper()
				if got := m.next(t); got != state {
					t.Fatalf("reported %q, want %q", got, state)
				}
			}

			want("READY=1")
			if err := status(c.address, "/-/ready", 200); err != nil {
				t.Errorf("it reports that it is ready, and is not: %v", err)
			}

			if err := c.cmd.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}

			want("RELOADING=1")
			want("READY=1")

			if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}

			want("STOPPING=1")
			if err := <-c.ended; err != nil {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// Where nobody listens the program serves all the same.
func TestNoServiceManager(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := start(t, b.getenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody")), b.config(t, settings)...)
	if err := status(p.address, "/-/healthy", 200); err != nil {
		t.Error(err)
	}

	eventually(t, "the log says so", func() error {
		return p.log.has(`level=WARN msg="cannot notify the service manager" error="report READY=1 to the service manager: `)
	})
}

// A reload that is asked for while the program starts does not kill it: it is
// done once it serves.
func TestHangupWhileItStarts(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)

	// The program starts, and waits for its configuration.
	fifo := filepath.Join(t.TempDir(), "config.toml")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}

	log, found := newRecord()
	cmd := exec.Command("availapi", "--config", fifo, "--tree", b.tree.Root, "--port", "0")
	cmd.Env, cmd.Stderr = b.environ(nil), log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, if all is well

	// To open the writing end waits for the reader.
	give := func() *os.File {
		t.Helper()
		f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	f := give()
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}

	write := func(f *os.File) {
		t.Helper()
		if _, err := f.WriteString(settings); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}

	write(f)
	select {
	case <-found:
	case err := <-ended:
		t.Fatalf("the hangup has ended it: %v\n%s", err, log)
	}

	write(give()) // for the reload
	eventually(t, "it reloads", func() error { return log.has("configuration reloaded") })

	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	if err := <-ended; err != nil {
		t.Errorf("it ended with %v\n%s", err, log)
	}
}
