package listen_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/listen"
)

// Open listens at every form of address, at several at once.
func TestOpen(t *testing.T) {
	t.Parallel()
	socket := "unix:" + filepath.Join(t.TempDir(), "s")
	all, err := listen.Open([]string{"0", "127.0.0.1:0", "localhost:0", "*:0", socket})
	if err != nil {
		t.Fatal(err)
	}
	defer listen.Close(all)

	for i, l := range all {
		c, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		c.Close()
	}

	if got := listen.URL(all[4]); got != socket {
		t.Errorf("the URL of a socket is %s", got)
	}
	if got := listen.URL(all[1]); !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("the URL is %s", got)
	}
}

// An IPv4 address and the same port of IPv6 are different addresses, as for nginx.
func TestBothVersions(t *testing.T) {
	t.Parallel()
	six, err := listen.Open([]string{"[::]:0"})
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	defer listen.Close(six)
	_, port, _ := net.SplitHostPort(six[0].Addr().String())

	four, err := listen.Open([]string{port})
	if err != nil {
		t.Fatal(err)
	}
	listen.Close(four)
}

// A socket that a process left behind is replaced, one in use and other files are not.
func TestSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	address := []string{"unix:" + path}
	first, err := listen.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o666 {
		t.Errorf("the socket is %v, %v", info.Mode(), err)
	}
	if _, err := listen.Open(address); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("a socket in use: %v", err)
	}

	first[0].(*net.UnixListener).SetUnlinkOnClose(false) // as a killed process
	listen.Close(first)
	second, err := listen.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	listen.Close(second)
	if _, err := os.Lstat(path); err == nil {
		t.Error("closing leaves the socket")
	}

	if err := os.WriteFile(path, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen.Open(address); err == nil {
		t.Error("a file is replaced")
	}
}

// Where one address cannot be listened at, none is.
func TestOpenFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	for _, bad := range []string{"nowhere", "300.1.1.1:80", "unix:" + filepath.Join(path, "below")} {
		_, err := listen.Open([]string{"unix:" + path, bad})
		if err == nil || !strings.Contains(err.Error(), "listen on "+bad+": ") {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s: the other address is still listened at", bad)
		}
	}
}
