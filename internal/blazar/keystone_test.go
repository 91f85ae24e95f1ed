package blazar_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/chameleoncloud/refapi/internal/test/keystonetest"
)

// The real Keystone gives out the tokens, and judges them for the Blazar here.
func TestKeystone(t *testing.T) {
	t.Parallel()
	const region = "CHI@Test"
	k := keystonetest.Start(t)
	s := blazartest.Start(t, k.URL)
	k.Register(t, region, map[string]string{"reservation": s.URL, "compute": s.Compute})
	s.Set(blazartest.Data{
		Hosts: []any{blazartest.Host("1", "node-a"), blazartest.Host("2", "node-b")},
		Allocations: []any{
			blazartest.Allocation("1",
				blazartest.Reservation("2099-01-01T00:00:00.000000", "2099-01-02T00:00:00.000000")),
		},
		Flavors: []blazartest.Flavor{{ID: "7", Name: "m1.small", Entries: []any{}}},
	})

	credential := k.Credential(t, "refapi")

	t.Run("password", func(t *testing.T) { t.Parallel(); askReal(t, k.PasswordEntry(region)) })
	t.Run("application credential", func(t *testing.T) { t.Parallel(); askReal(t, k.Entry(credential, region)) })
	t.Run("unversioned auth_url", func(t *testing.T) {
		t.Parallel()
		askReal(t, strings.Replace(k.Entry(credential, region), "/v3\n", "\n", 1))
	})

	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(t, strings.Replace(k.PasswordEntry(region), keystonetest.Password, "nope",
			1)).Hosts(t.Context())
		check(t, err, fault{reason: availability.ReasonAuth,
			want: "401 Unauthorized: The request you have made requires authentication.", advice: "credentials"})
	})

	t.Run("wrong secret", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(t, strings.Replace(k.Entry(credential, region), credential.Secret, "nope",
			1)).Hosts(t.Context())
		check(t, err, fault{reason: availability.ReasonAuth})
	})

	t.Run("no domain", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(t, strings.Replace(k.PasswordEntry(region), "user_domain_name: Default",
			"user_domain_name: Nowhere", 1)).Hosts(t.Context())
		check(t, err, fault{reason: availability.ReasonAuth})
	})

	t.Run("no reservation service in the region", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(t, k.Entry(credential, "identity")).Hosts(t.Context())
		check(t, err, fault{reason: availability.ReasonCatalog, want: "in region identity",
			advice: "the catalog has compute, identity, reservation"})
	})

	t.Run("revoked token", func(t *testing.T) { t.Parallel(); outliveToken(t, k, credential) })
	t.Run("blazar host-list", func(t *testing.T) { t.Parallel(); listWithBlazarClient(t, k, region) })
}

func askReal(t *testing.T, entry string) {
	t.Helper()
	c := clientOf(t, entry)
	report, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if len(report.Hosts) != 2 || report.Rows != 1 {
		t.Errorf("got %+v", report)
	}
	if got, err := c.Flavor(t.Context(), "m1.small", availability.Interval{}); err != nil || len(got) != 0 {
		t.Errorf("flavor: %v, %v", got, err)
	}
}

// outliveToken asks with a token that Keystone has revoked: the client logs in
// again, and nothing is to be seen of it but the refusals, one for each of the
// two requests of a sync.
func outliveToken(t *testing.T, k *keystonetest.Server, credential keystonetest.Credential) {
	const region = "Mortal@Test"
	s := blazartest.Start(t, k.URL)
	k.Register(t, region, map[string]string{"reservation": s.URL})
	c := clientOf(t, k.Entry(credential, region))
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.Refused(); n != 0 {
		t.Fatalf("%d requests with a fresh token were refused", n)
	}

	old := s.Last("os-hosts/allocations").Header.Get("X-Auth-Token")
	k.Revoke(t, old)

	if _, err := c.Hosts(t.Context()); err != nil {
		t.Fatal(err)
	}

	if n := s.Refused(); n < 1 || n > 2 {
		t.Errorf("%d requests with the revoked token were refused, want one or two", n)
	}
	if s.Last("os-hosts/allocations").Header.Get("X-Auth-Token") == old {
		t.Error("the revoked token is still in use")
	}
}

// listWithBlazarClient lets OpenStack's own client read the test server: what
// it understands is what Blazar says.
func listWithBlazarClient(t *testing.T, k *keystonetest.Server, region string) {
	const program = "/usr/bin/blazar"
	if _, err := os.Stat(program); err != nil {
		t.Fatal("blazar is needed: apt-get install --no-install-recommends python3-blazarclient, or run `make test`")
	}
	for _, args := range [][]string{{"host-list", "-f", "value"}, {"host-show", "1", "-f", "json"}} {
		cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", append([]string{program}, args...)...)
		cmd.Env = []string{
			"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8",
			"OS_AUTH_TYPE=password", "OS_AUTH_URL=" + k.URL, "OS_USERNAME=" + keystonetest.User, "OS_PASSWORD=" +
				keystonetest.Password,
			"OS_PROJECT_NAME=" + keystonetest.Project, "OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_DOMAIN_NAME=Default",
			"OS_REGION_NAME=" + region, "OS_IDENTITY_API_VERSION=3",
		}

		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("blazar %s: %v\n%s", strings.Join(args, " "), err, out)
		}

		if !strings.Contains(string(out), "node-a") {
			t.Errorf("blazar %s lacks node-a:\n%s", strings.Join(args, " "), out)
		}
	}
}
