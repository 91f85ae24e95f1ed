package nginxconf

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

// hostName matches names that nginx resolves.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

// maxSocketPath is the longest path of a Unix socket (unix(7)), in bytes.
const maxSocketPath = 107

// Address parses an address in an operator's notation and returns it in nginx's.
// It is a port, unix:/PATH, or HOST:PORT, where the host is a name, an IPv4
// address, an IPv6 address in brackets, "*" or empty. A port without a host is
// that port of every IPv4 address.
func Address(text string) (string, error) {
	if socket, ok := strings.CutPrefix(text, "unix:"); ok {
		switch {
		case !path.IsAbs(socket) || strings.HasSuffix(socket, "/"):
			return "", errors.New("want unix: and the absolute path of a socket")
		case len(socket) > maxSocketPath:
			return "", fmt.Errorf("the path of a socket has at most %d bytes, this one has %d", maxSocketPath,
				len(socket))
		case notPlain.MatchString(socket) || strings.Contains(socket, ":"):
			return "", errors.New("the path of the socket has a character that nginx.conf cannot hold")
		}
		return text, nil
	}

	if isNumber(text) {
		text = ":" + text
	}

	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", errors.New("want HOST:PORT, a port alone, or unix:/PATH; an IPv6 address has brackets around it")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
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

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// addresses parses several addresses of one kind, as errors name it. Duplicates are
// errors, because nginx would not start with them.
func addresses(kind string, texts []string) ([]string, error) {
	var all []string
	seen := map[string]string{}
	for _, text := range texts {
		a, err := Address(text)
		if err != nil {
			return nil, fmt.Errorf("%s address %q: %w", kind, text, err)
		}
		if kind == "availapi" && strings.HasPrefix(a, "*:") {
			return nil, fmt.Errorf("%s address %q: want one host, not *", kind, text)
		}

		// nginx treats "*" as all IPv4 addresses.
		same := a
		if port, ok := strings.CutPrefix(a, "*:"); ok {
			same = net.JoinHostPort("0.0.0.0", port)
		}

		if before, ok := seen[same]; ok {
			return nil, fmt.Errorf("%s addresses %q and %q are the same", kind, before, text)
		}

		seen[same] = text
		all = append(all, a)
	}

	return all, nil
}
