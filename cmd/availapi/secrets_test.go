package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/ops"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// Blazar tells an admin for which projects a host is kept, and who has which
// lease. No answer, no line of the log and no file has any of it; that a host is
// kept for some projects shows.
func TestNobodysProjects(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	state := filepath.Join(b.dir, "state")
	p := b.start(t, fmt.Sprintf("[availapi]\nstate_dir = %q\n", state)+settings, "--debug")
	synced(t, p.address, "north")
	last := filepath.Join(state, "north.lastknown")
	eventually(t, "the data is kept", func() error {
		_, err := os.Stat(last)
		return err
	})

	where := map[string]string{}
	for _, target := range []string{
		"/availability", "/nodes/availability", "/nodes/availability?reservations=false", "/nodes/search", "/nodes/search?fields=uid,authorized_projects",
		"/nodes/slots?count=1&hours=1", "/sites/north/availability", "/sites/north/clusters/alpha/availability",
		"/sites/north/clusters/alpha/nodes/" + na03 + "/availability", ops.MetricsPath,
	} {
		where[target] = get(t, p.address, target).body
	}

	file, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}

	where["the file"], where["the log"] = string(file), p.log.String()
	for name, text := range where {
		for _, secret := range []string{blazartest.SecretProject, blazartest.SecretLease, "authorized_projects\":"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s:\n%s", name, secret, text)
			}
		}
	}

	if item := get(t, p.address, "/nodes/availability?node_id="+na03).body; !strings.Contains(item,
		`"kept_for_projects":true`) {
		t.Errorf("that it is kept does not show: %s", item)
	}

	if slot := get(t, p.address, "/nodes/slots?q="+na03).body; !strings.Contains(slot,
		`"kept_for_projects":["`+na03+`"]`) {
		t.Errorf("the slot does not say that its node is kept: %s", slot)
	}
}
