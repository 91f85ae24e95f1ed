package blazartest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Region is the region of a Cloud's endpoints.
const Region = "CHI@Test"

// Cloud is a whole small OpenStack: Blazar, Nova, and the small Keystone.
type Cloud struct {
	*Server
	Keystone *Keystone
}

// NewCloud runs a cloud until the test ends.
func NewCloud(t testing.TB) *Cloud {
	t.Helper()
	k := NewKeystone(t)
	s := Start(t, k.URL)

	// Nobody outside reaches what is internal.
	const nobody = "http://127.0.0.1:1"
	k.SetCatalog(
		Endpoint{Type: "identity", Interface: "internal", Region: Region, URL: nobody + "/v3"},
		Endpoint{Type: "identity", Interface: "public", Region: Region, URL: k.URL},
		Endpoint{Type: "image", Interface: "public", Region: Region, URL: nobody},
		Endpoint{Type: "reservation", Interface: "internal", Region: Region, URL: nobody + "/v1"},
		Endpoint{Type: "reservation", Interface: "public", Region: Region, URL: s.URL},
		Endpoint{Type: "compute", Interface: "internal", Region: Region, URL: nobody + "/v2.1"},
		Endpoint{Type: "compute", Interface: "public", Region: Region, URL: s.Compute},
	)

	return &Cloud{Server: s, Keystone: k}
}

// Entry is the cloud's entry for clouds.yaml, with the application credential.
func (c *Cloud) Entry() string {
	return fmt.Sprintf(`auth_type: v3applicationcredential
auth:
  auth_url: %s
  application_credential_id: %s
  application_credential_secret: %s
region_name: %s
interface: public
`, c.Keystone.URL, Credential, Secret, Region)
}

// WriteClouds writes a clouds.yaml of entries by name, and returns its path.
func WriteClouds(t testing.TB, entries map[string]string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("clouds:\n")
	names := make([]string, 0, len(entries))

	for name := range entries {
		names = append(names, name)
	}

	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "  %s:\n", name)
		for line := range strings.Lines(entries[name]) {
			b.WriteString("    " + line)
		}
	}

	file := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}

	return file
}

// Env is an environment that names a clouds.yaml, and nothing else.
func Env(file string) func(string) string {
	return func(name string) string {
		if name == "OS_CLIENT_CONFIG_FILE" {
			return file
		}
		return ""
	}
}
