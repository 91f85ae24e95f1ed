package nginxconf

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// The access log has as much of a client's address as the operator wants.
func TestLogAddresses(t *testing.T) {
	t.Parallel()
	clients := map[string]string{ // and their networks
		"192.0.2.7":                     "192.0.2.0",
		"203.0.113.255":                 "203.0.113.0",
		"::ffff:192.0.2.7":              "::ffff:192.0.2.0",
		"2001:db8:1:2:3:4:5:6":          "2001:db8:1::",
		"2001:db8:1::6":                 "2001:db8:1::",
		"2001:db8::6":                   "2001:db8::",
		"2001::6":                       "2001::",
		"2001:0:a:b:c:d:e:f":            "2001:0:a::",
		"::1":                           "::",
		"fe80::1234:5678:9abc:def0":     "fe80::",
		"2001:db8:ffff:ffff:ffff::ffff": "2001:db8:ffff::",
	}

	for mode, want := range map[string]func(client string) string{
		"":              func(client string) string { return clients[client] },
		config.LogShort: func(client string) string { return clients[client] },
		config.LogFull:  func(client string) string { return client },
		config.LogNone:  func(string) string { return "-" },
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			o := options()
			address := nginxtest.FreeAddress(t)
			o.Listen, o.LogAddresses = []string{address}, mode
			o.TrustedProxies = []string{"127.0.0.1"} // the test is one, for every client
			conf, err := Render(Complete, o)
			if err != nil {
				t.Fatal(err)
			}
			at := strings.Replace(string(conf), " buffer=64k flush=1s", "", 1)
			s := nginxtest.Start(t, at, address)

			var wanted []string
			for client := range clients {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("X-Forwarded-For", client)
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				wanted = append(wanted, want(client))
			}

			var got []string
			for len(got) < len(wanted) && t.Context().Err() == nil { // nginx logs after it has answered
				log, err := os.ReadFile(filepath.Join(s.Prefix, "nginx-access.log"))
				if err != nil {
					t.Fatal(err)
				}
				got = got[:0]
				for line := range strings.Lines(string(log)) {
					first, _, _ := strings.Cut(line, " ")
					got = append(got, first)
				}
			}

			if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(wanted))) {
				t.Errorf("the log has %q, want %q", got, slices.Sorted(slices.Values(wanted)))
			}
		})
	}

	// A network contains its clients.
	for client, network := range clients {
		a, n := netip.MustParseAddr(client).Unmap(), netip.MustParseAddr(network).Unmap()
		bits := 24
		if a.Is6() {
			bits = 48
		}
		if p, err := n.Prefix(bits); err != nil || !p.Contains(a) {
			t.Errorf("%s is not in %s: %v", client, p, err)
		}
	}
}
