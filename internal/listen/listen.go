package listen

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// Open listens on each of some addresses; see [Parse]. Unlike nginx, it takes "*" as all
// addresses of the machine, IPv6 included.
func Open(addresses []string) (all []net.Listener, err error) {
	for _, text := range addresses {
		l, err := open(text)
		if err != nil {
			Close(all)
			return nil, fmt.Errorf("listen on %s: %w", text, err)
		}
		all = append(all, l)
	}
	return all, nil
}

// Close closes listeners.
func Close(all []net.Listener) {
	for _, l := range all {
		_ = l.Close() // it has nothing to lose
	}
}

// URL is where a listener is reached, for people.
func URL(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return "unix:" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

func open(text string) (net.Listener, error) {
	address, err := Parse(text)
	if err != nil {
		return nil, err
	}
	if socket, ok := strings.CutPrefix(address, "unix:"); ok {
		return openSocket(socket)
	}

	// The addresses "80" and "[::]:80" are different ones, as they are for nginx: Go would
	// take either as both.
	host, port, err := net.SplitHostPort(strings.Replace(address, "*:", ":", 1))
	network := "tcp"
	switch host {
	case "0.0.0.0":
		network = "tcp4"
	case "::":
		network = "tcp6"
	}
	if err != nil {
		return nil, err
	}

	return net.Listen(network, net.JoinHostPort(host, port))
}

// openSocket listens on a Unix socket, in place of one that a process left behind. Who
// may connect is up to the directory, as with nginx.
func openSocket(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		c, err := net.Dial("unix", path)
		switch {
		case err == nil:
			_ = c.Close()
			return nil, syscall.EADDRINUSE
		case errors.Is(err, syscall.ECONNREFUSED):
			_ = os.Remove(path) // else listening says why
		}
	}

	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, errors.Join(err, l.Close())
	}

	return l, nil
}
