package config_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/config"
)

// Every setting can be set by a text, and no two have the same variable.
func TestSet(t *testing.T) {
	t.Parallel()
	full, got, variables := parseFull(t), config.Default(), map[string]string{}
	for _, s := range full.Settings() {
		for _, name := range s.Variables() {
			if other := variables[name]; other != "" {
				t.Errorf("%s and %s have the same variable %s", other, s.Key, name)
			}
			variables[name] = s.Key.String()
		}

		text := s.Text()
		switch s.Key.String() {
		case "availability.sites":
			text = `{tacc = {backend = "blazar", cloud = "chi_tacc", lead_minutes = 5, gap_minutes = 10,
				longest_lease_hours = 168}, "Site.With.Dots" = {cloud = "other"}}`
			text = strings.Join(strings.Fields(text), " ")
		case "availability.notices":
			text = `{switch = {site = "tacc", start = 2026-12-08T14:00:00Z, end = 2026-12-08T18:00:00Z, ` +
				`text = "Network maintenance.", url = "https://example.org/outage"}}`
		case "flavor_availability.sites":
			text = `{kvm = {backend = "demo"}}`
		case "reserve.snippets":
			text = `{oar = {title = "OAR", language = "sh", about = "Needs an account.", type = "oarsub -l host={{count}}", ` +
				`nodes = "oarsub {{node}}", flavor = "none {{flavor}}"}}`
		}

		from := config.Origin{Source: config.FromEnvironment, Name: s.Variables()[0]}
		if err := got.Set(s.Key.String(), text, from); err != nil {
			t.Error(err)
		}
		if is := got.Origin(s.Key[0], s.Key[1]); is != from {
			t.Errorf("%s is from %v, want %v", s.Key, is, from)
		}
	}

	if diff := cmp.Diff(full, got, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Errorf("(-file +set):\n%s", diff)
	}
}

// A text is read as the file would be, and lists and durations as flags have them.
func TestSetForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ key, text, want string }{
		{"publish.keep", "5", "5"},
		{"publish.keep", "x", `NAME: want an integer, not "x"`},
		{"publish.keep", "2.5", `NAME: key "publish.keep": want an integer, not a number with a fraction`},
		{"publish.strict", "1", "true"},
		{"publish.strict", "perhaps", `NAME: want true or false, not "perhaps"`},
		{"site.base_url", "https://a.example", "https://a.example"},
		{"nginx.trusted_proxies", "10.0.0.1, 10.0.0.2", "10.0.0.1,10.0.0.2"},
		{"nginx.trusted_proxies", `["10.0.0.1"]`, "10.0.0.1"},
		{"security.expires", "2030-01-31", "2030-01-31T00:00:00Z"},
		{"reference.fetch_timeout_seconds", "90", "1m30s"},
		{"reference.fetch_timeout_seconds", "500ms", "500ms"},
		{"reference.fetch_timeout_seconds", "soon", `NAME: want a duration such as 5m, not "soon"`},
		{"server.port", "tcp://10.0.0.1:80", `NAME: want an integer, not "tcp://10.0.0.1:80"`},
		{"availability.sites", "uc", `NAME: want a table, not "uc"`},
		{"availability.sites", `{uc = {leed_minutes = 5}}`, ""},
		{"publish.keeep", "5", `unknown key "publish.keeep"`},
	} {
		c := config.Default()
		err := c.Set(tt.key, tt.text, config.Origin{Source: config.FromFlag, Name: "NAME"})
		if err != nil {
			if err.Error() != tt.want {
				t.Errorf("%s = %s: %v, want %s", tt.key, tt.text, err, tt.want)
			}
			continue
		}
		if got, _ := c.Text(tt.key); got != tt.want {
			t.Errorf("%s = %s is read as %q, want %q", tt.key, tt.text, got, tt.want)
		}
	}
}

// Where a server listens is what the source with the highest precedence says.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, key, text string
		want            string
	}{
		{"", "", "", "127.0.0.1:8000"},
		{"[server]\nport = 80\n", "", "", "127.0.0.1:80"},
		{"[server]\nhost = \"::1\"\n", "", "", "[::1]:8000"},
		{"[server]\nport = 80\nlisten = [\"81\", \"[::]:81\"]\n", "", "", "81,[::]:81"},
		{"[server]\nlisten = [\"81\"]\n", "server.port", "82", "127.0.0.1:82"},
		{"[server]\nport = 80\n", "server.listen", "83,unix:/run/s", "83,unix:/run/s"},
	} {
		c, err := config.Parse(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		if tt.key != "" {
			if err := c.Set(tt.key, tt.text, config.Origin{Source: config.FromEnvironment, Name: "X"}); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(c.ServerAddresses(), ","); got != tt.want {
			t.Errorf("%q, %s=%s: listens at %s, want %s", tt.file, tt.key, tt.text, got, tt.want)
		}
	}
}

// What is shown is a file that says the same, without secrets.
func TestShow(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(`[reference]
repo = "https://ada:hunter2@git.example.org/r.git" # with a password

[availability.sites.uc]
cloud = "x"
api_token = "hunter2"
`)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Set("publish.keep", "7", config.Origin{Source: config.FromEnvironment, Name: "KEEP"}); err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	if err := config.WriteShown(&out, c.Show()); err != nil {
		t.Fatal(err)
	}

	text := out.String()
	if strings.Contains(text, "hunter2") || strings.Contains(text, "ada") {
		t.Errorf("a secret is shown:\n%s", text)
	}

	squeezed := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		`repo = "https://***@git.example.org/r.git" # :2`, `keep = 7 # KEEP`, `port = 8000 # default`,
		`[availability.sites.uc] backend = "" # default`, `cloud = "x" # :5`, `api_token = "***" # :6`,
		`# expires = "" # default`, `fetch_timeout_seconds = 300 # default`,
	} {
		if !strings.Contains(squeezed, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}

	again, err := config.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again.Availability.PollInterval != c.Availability.PollInterval || again.Publish.Keep != 7 {
		t.Errorf("read again: %+v", again)
	}
}
