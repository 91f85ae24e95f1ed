package main

import (
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/cli"
)

// leaked finds goroutines of the program, and connections to clouds.
var leaked = regexp.MustCompile(`refapi/internal/(availability|availhttp|blazar|catalog)\.|\(\*service\)|\(\*persistConn\)`)

// leftover lists goroutines that the program has started.
func leftover() error {
	// The clouds of the test ask their Keystones by the default client.
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n, first := 0, ""

	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if leaked.MatchString(stack) && !strings.Contains(stack, "cmd/availapi.leftover") {
			n++
			first = stack
		}
	}

	if n > 0 {
		return fmt.Errorf("%d goroutines, one of them\n%s", n, first)
	}

	return nil
}

// A program that has ended leaves nothing running, and one that has read its
// configuration again no connection of before. This test is not parallel: it
// looks at all goroutines.
func TestNoLeak(t *testing.T) {
	b := newTestbed(t)
	if err := leftover(); err != nil {
		t.Fatal(err)
	}

	p := b.start(t, settings)
	synced(t, p.address, "north")

	for _, target := range []string{"/nodes/search", "/sites/south/flavors/m1.large/availability", "/sites?limit=1",
		"/metrics"} {
		get(t, p.address, target)
	}

	for range 3 {
		before := b.north.Requests("os-hosts/allocations")
		p.reload(t)
		eventually(t, "the north is asked again", func() error {
			if b.north.Requests("os-hosts/allocations") == before {
				return fmt.Errorf("not yet")
			}
			return nil
		})
	}

	if n := connections(t); n > 8 {
		t.Errorf("after three reloads there are %d connections to two clouds", n)
	}

	p.stop()
	if code := <-p.ended; code != cli.ExitOK {
		t.Errorf("exit code %d\n%s", code, p.log)
	}

	eventually(t, "nothing is left", leftover)
}

// connections counts those that this process holds as a client.
func connections(t testing.TB) int {
	t.Helper()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	stacks := make([]byte, 4<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "(*persistConn).readLoop(")
}
