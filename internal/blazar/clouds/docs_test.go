package clouds

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The keys that have an effect are documented, and no others.
func TestKeysAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}

	_, rest, ok := strings.Cut(string(text), "\n### Keys of an entry\n")
	if !ok {
		t.Fatal("docs/configuration.md: the section is missing")
	}

	general, ofAuth, _ := strings.Cut(rest, "| key of `auth:` |")
	compare := func(where, table string, real []string) {
		t.Helper()
		var documented []string
		for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(table, -1) {
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
				documented = append(documented, m[1])
			}
		}

		if strings.HasPrefix(where, "entry") {
			// Those of Blazar and Nova that only a sentence names.
			documented = append(documented, "reservation_endpoint", "compute_endpoint", "identity_api_version")
		}

		for _, name := range real {
			if !slices.Contains(documented, name) {
				t.Errorf("docs/configuration.md, %s: %s is missing", where, name)
			}
		}

		for _, name := range documented {
			if !slices.Contains(real, name) {
				t.Errorf("docs/configuration.md, %s: %s has no effect", where, name)
			}
		}
	}

	compare("entry", general, append(slices.Clone(effective), "identity_api_version"))
	compare("auth", ofAuth, usedInAuth(t))
}

// usedInAuth are the options that some way to authenticate asks for.
func usedInAuth(t *testing.T) (names []string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "clouds.yaml")

	for _, lines := range []string{
		"auth_type: v3applicationcredential, auth: {auth_url: 'http://k', application_credential_name: n, " +
			"application_credential_secret: s, username: u, domain_id: d}",
		"auth: {auth_url: 'http://k', username: u, password: p, domain_id: d}",
		"auth: {auth_url: 'http://k', token: t}",
	} {
		if err := os.WriteFile(file, []byte("clouds: {chi: {"+lines+"}}"), 0o600); err != nil {
			t.Fatal(err)
		}

		docs, err := read(func(name string) string { return map[string]string{"OS_CLIENT_CONFIG_FILE": file}[name] })
		if err != nil {
			t.Fatal(err)
		}

		own, err := docs.entry("chi")
		if err != nil {
			t.Fatal(err)
		}

		r := newReader("chi", docs, os.Getenv)
		r.mergeLayers(own)
		r.readAuth()
		if r.err != nil {
			t.Fatal(r.err)
		}

		for name := range r.usedAuth {
			if name != "default_domain" { // an alias of openstackclient's own
				names = append(names, name)
			}
		}
	}

	slices.Sort(names)
	return slices.Compact(names)
}
