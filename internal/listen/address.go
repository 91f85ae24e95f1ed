// Package listen is where servers listen: the addresses in an operator's notation, and
// their sockets.
package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// maxSocketPath is the longest path of a Unix socket (unix(7)), in bytes.
const maxSocketPath = 107

var (
	// hostName matches names that nginx resolves.
	hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

	// notPlain finds characters with a meaning in nginx.conf.
	notPlain = regexp.MustCompile(`[\s;{}"'\\$#:]`)
)

// Parse parses an address and returns it in nginx's notation, always with a host: a
// port, HOST:PORT, or unix:/PATH, where the host is a name, an IPv4 address, an IPv6
// address in brackets, "*" or empty. A port without a host is that port of every IPv4
// address; port 0 is a free one.
func Parse(text string) (string, error) {
	if socket, ok := strings.CutPrefix(text, "unix:"); ok {
		return text, checkSocket(socket)
	}

	if text != "" && strings.Trim(text, "0123456789") == "" {
		text = ":" + text
	}

	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", errors.New("want HOST:PORT, a port alone, or unix:/PATH; an IPv6 address has brackets around it")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("invalid port %q: want 1 to 65535", port)
	}

	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil && ip.Zone() == "":
		return net.JoinHostPort(ip.String(), port), nil
	case host == "":
		return net.JoinHostPort("0.0.0.0", port), nil
	case host == "*", hostName.MatchString(host) && strings.Trim(host, "0123456789.") != "":
		return host + ":" + port, nil
	}

	return "", fmt.Errorf("%q is neither a host name nor an IP address", host)
}

func checkSocket(socket string) error {
	switch {
	case !path.IsAbs(socket) || strings.HasSuffix(socket, "/"):
		return errors.New("want unix: and the absolute path of a socket")
	case len(socket) > maxSocketPath:
		return fmt.Errorf("the path of a socket has at most %d bytes, this one has %d", maxSocketPath, len(socket))
	case notPlain.MatchString(socket):
		return errors.New("the path of the socket has a character that nginx.conf cannot hold")
	}
	return nil
}
