package nginxconf

import (
	"fmt"
	"net"
	"strings"

	"github.com/chameleoncloud/refapi/internal/listen"
)

// addresses parses several addresses of one kind, as errors name it. Duplicates are
// errors, because nginx would not start with them.
func addresses(kind string, texts []string) ([]string, error) {
	var all []string
	seen := map[string]string{}
	for _, text := range texts {
		a, err := listen.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s address %q: %w", kind, text, err)
		}
		if strings.HasSuffix(a, ":0") {
			return nil, fmt.Errorf(`%s address %q: invalid port "0": want 1 to 65535`, kind, text)
		}
		if kind != "listen" && strings.HasPrefix(a, "*:") {
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
