package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/reserve"
)

func parseFull(t *testing.T) *config.Config {
	t.Helper()
	src, err := os.ReadFile("testdata/full.toml")
	if err != nil {
		t.Fatal(err)
	}

	c, err := config.Parse(string(src))
	if err != nil {
		t.Fatal(err)
	}

	return c
}

// Every key is in the file, is read, and comes where it belongs.
func TestEveryKey(t *testing.T) {
	t.Parallel()
	full, defaults := parseFull(t), config.Default()
	src, err := os.ReadFile("testdata/full.toml")
	if err != nil {
		t.Fatal(err)
	}

	keys := 0
	var walk func(prefix string, full, def reflect.Value)
	walk = func(prefix string, full, def reflect.Value) {
		for i := range full.NumField() {
			if !full.Type().Field(i).IsExported() {
				continue
			}

			key := full.Type().Field(i).Tag.Get("toml")
			f, d := full.Field(i), def.Field(i)
			switch {
			case key == "-":
			case key == "" || key != strings.ToLower(key):
				t.Errorf("%s%s has no key, or one that is not in lower case", prefix, full.Type().Field(i).Name)
			case f.Kind() == reflect.Struct && f.Type() != reflect.TypeFor[time.Time]():
				walk(prefix+key+".", f, d)
			default:
				keys++
				if reflect.DeepEqual(f.Interface(), d.Interface()) {
					t.Errorf("%s%s: the file has not changed the default %v", prefix, key, d)
				}
				if !strings.Contains(string(src), key) {
					t.Errorf("%s%s is not in the file", prefix, key)
				}
			}
		}
	}

	walk("", reflect.ValueOf(*full), reflect.ValueOf(*defaults))
	if keys < 25 {
		t.Errorf("only %d keys were looked at", keys)
	}

	want := &config.Config{
		Reference: config.Reference{RefDir: "checkout/data/grid", Repo: "https://git.example.org/reference.git",
			DataDir: "data/grid", Rev: "v1",
			TokenFile: "/run/credentials/refgen.service/token", SSHKey: "keys/deploy", FetchTimeout: 60 * time.Second},
		Limits: config.Limits{Depth: 10, Entries: 1000, Commits: 2000, Changes: 3000, ObjectMiB: 5,
			UnpackedMiB: 600},
		Links: config.Links{BaseURL: "https://api.example.org:8443/v2", PathPrefix: "/ref", AbsoluteLinks: true,
			NoIndex: true, CacheTag: "refapi", Only: []string{"docs"}, LinkSuffix: ".json", DataLicense: "CC-BY-4.0",
			Title: "Chameleon", Logo: "logo.svg", Accent: []string{"#00594c", "#5fd6bd"},
			AccentBg: []string{"#e3f4f1", "#12302b"}, OnAccent: []string{"#fff", "#00201b"},
			Nav:    []string{"Portal https://example.org", "User forum https://forum.example.org/t?x=1"},
			Banner: "Read-only preview.", Footer: "Operated by Example.",
			FrameAncestors: []string{"https://portal.example.org", "https://*.example.org"}},
		Reserve: config.Reserve{Offer: []string{"oar", "cli"}, Snippets: map[string]reserve.Snippet{"oar": {Title: "OAR",
			Language: "sh", About: "Needs an account.", Type: "oarsub -l host={{count}}", Nodes: "oarsub {{node}}",
			Flavor: "none {{flavor}}"}}},
		Publish: config.Publish{Out: "/srv/reference-api", Keep: 0, MaxDeletes: 0, Strict: true,
			Host: "cloudflare", HostMaxFiles: 100_000,
			OnSuccess: []string{"/usr/local/bin/purge", "--all"}, OnSuccessTimeout: 10 * time.Second},
		Watch: config.Watch{Every: 300 * time.Second, Listen: []string{"0.0.0.0:9002", "unix:/run/refgen.sock"},
			WebhookSecretFile: "/run/credentials/refgen.service/webhook"},
		Privacy: config.Privacy{Authors: "hidden", Hidden: []string{"/chassis/serial", "?/bmc/*/password"}},
		Security: config.Security{
			Contacts: []string{"mailto:security@example.org", "tel:+1-201-555-0123", "https://example.org/security"},
			Expires:  time.Date(2030, 1, 31, 10, 0, 0, 0, time.UTC),
			Policy:   "https://example.org/policy", Encryption: "openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f",
			PreferredLanguages: []string{"en", "pt-BR"},
		},
		Server: config.Server{Listen: []string{"80", "[::]:80", "unix:/run/refapi.sock"}, Host: "0.0.0.0", Port: 80},
		Nginx: config.Nginx{Connections: 0, Rate: 1, Burst: 0, MaxBody: "1m",
			TrustedProxies: []string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1", "unix:"},
			Availapi:       []string{"10.0.0.1:8001", "10.0.0.2:8001"}, Webhook: []string{"10.0.0.3:8002"}, Brotli: "off", Modules: "/opt/nginx/modules",
			LogAddresses: "none"},
		Availapi: config.Availapi{Listen: []string{"[::1]:8001"}, Host: "::1", Port: 65535, StateDir: "/var/lib/availapi"},
		Availability: config.Availability{PollInterval: time.Second, SiteTimeout: 24 * time.Hour,
			ErrorBackoff:    5 * time.Second,
			HostsEveryPolls: 1, MaxAnswerMiB: 128, MaxHosts: 5000, MaxReservations: 60000,
			Sites: map[string]config.AvailabilitySite{
				"tacc": {
					Backend: "blazar", LeadMinutes: 5, GapMinutes: 10, LongestLeaseHours: 168,
					Own: map[string]any{"cloud": "chi_tacc"},
				},
				"Site.With.Dots": {Own: map[string]any{"cloud": "other"}},
			},
			Notices: map[string]config.Notice{"switch": {
				Site: "tacc", Start: time.Date(2026, 12, 8, 14, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 8, 18, 0, 0, 0, time.UTC),
				Text: "Network maintenance.", URL: "https://example.org/outage",
			}}},
		FlavorAvailability: config.FlavorAvailability{RequestsPerMinute: 7,
			Sites: map[string]config.FlavorSite{"kvm": {Backend: "demo", Own: map[string]any{}}}},
		Log: config.Log{Level: "warn", Format: "json"},
	}
	if diff := cmp.Diff(want, full, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	want := &config.Config{
		Reference: config.Reference{RefDir: "reference-repository/data/chameleoncloud",
			FetchTimeout: 300 * time.Second},
		Limits: config.Limits{Depth: 100, Entries: 250_000, Commits: 50_000, Changes: 1_000_000,
			ObjectMiB: 16, UnpackedMiB: 4096},
		Reserve: config.Reserve{Offer: []string{"dashboard", "cli", "python-chi", "enoslib", "terraform"}},
		Publish: config.Publish{Out: "public", Keep: 3, MaxDeletes: -1, OnSuccessTimeout: 60 * time.Second},
		Watch:   config.Watch{Every: 60 * time.Second, Listen: []string{"127.0.0.1:8002"}},
		Privacy: config.Privacy{Authors: "name"},
		Server:  config.Server{Host: "127.0.0.1", Port: 8000},
		Nginx: config.Nginx{Connections: 500, Rate: 200, Burst: 1000, MaxBody: "64k", Brotli: "on",
			Modules: "/usr/lib/nginx/modules", LogAddresses: "short"},
		Availapi: config.Availapi{Host: "127.0.0.1", Port: 8001, StateDir: "state"},
		Availability: config.Availability{PollInterval: 60 * time.Second, SiteTimeout: 120 * time.Second,
			ErrorBackoff: 60 * time.Second, HostsEveryPolls: 5, MaxAnswerMiB: 64, MaxHosts: 20000, MaxReservations: 500000},
		FlavorAvailability: config.FlavorAvailability{RequestsPerMinute: 120},
		Log:                config.Log{Level: "info", Format: "text"},
	}
	for _, src := range []string{"", "# nothing\n", "\ufeff", "[server]\n[nginx]\r\n", "[publish]\nkeep = 3\n"} {
		c, err := config.Parse(src)
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", src, diff)
		}
	}
}

// A time without a zone is UTC on every machine: the published file must not
// depend on where it was made.
func TestExpires(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]time.Time{
		"2030-01-31":                time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC),
		"2030-01-31T12:30:00":       time.Date(2030, 1, 31, 12, 30, 0, 0, time.UTC),
		"2030-01-31 12:30:00":       time.Date(2030, 1, 31, 12, 30, 0, 0, time.UTC),
		"2030-01-31T12:30:00Z":      time.Date(2030, 1, 31, 12, 30, 0, 0, time.UTC),
		"2030-01-31T12:30:00-05:00": time.Date(2030, 1, 31, 17, 30, 0, 0, time.UTC),
		`"2030-01-31T12:30:00Z"`:    time.Date(2030, 1, 31, 12, 30, 0, 0, time.UTC),
	} {
		c, err := config.Parse("[security]\nexpires = " + src + "\n")
		if err != nil {
			t.Errorf("%s: %v", src, err)
		} else if !c.Security.Expires.Equal(want) || c.Security.Expires.Location() != time.UTC {
			t.Errorf("%s is read as %s, want %s", src, c.Security.Expires, want)
		}
	}
}

// The file is the one that is given, else the first that is there; its relative paths
// start above etc/, or next to it.
func TestLoad(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, content string, name ...string) string {
		t.Helper()
		p := filepath.Join(name...)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}

		return p
	}

	const rate = "[nginx]\nrate = 7\n"
	for _, tt := range []struct {
		name, file string // the file, below a directory
		named      bool   // it is given, not looked for
		out        string // the output directory, below the directory
		rate       int
	}{
		{name: "checkout", file: "etc/config.toml", out: "public", rate: 7},
		{name: "machine", file: "machine/etc/refapi/config.toml", out: "machine/etc/refapi/public", rate: 7},
		{name: "none", rate: 200},
		{name: "given, in etc", file: "srv/api/etc/other.toml", named: true, out: "srv/api/public", rate: 7},
		{name: "given, elsewhere", file: "srv/api/conf/other.toml", named: true, out: "srv/api/conf/public", rate: 7},
		{name: "given, below etc", file: "etc/refgen/config.toml", named: true, out: "etc/refgen/public", rate: 7},
		{name: "given, at the top", file: "config.toml", named: true, out: "public", rate: 7},
		{name: "not looked for", file: "config.toml", rate: 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, path := t.TempDir(), ""
			if tt.file != "" {
				path = write(t, rate, dir, tt.file)
			}
			if !tt.named {
				path = ""
			}

			c, err := config.Load(path, filepath.Join(dir, "etc/config.toml"),
				filepath.Join(dir, "machine/etc/refapi/config.toml"))
			if err != nil {
				t.Fatal(err)
			}

			want := "public" // of the working directory, where there is no file
			if tt.out != "" {
				want = filepath.Join(dir, tt.out)
			}
			if c.Publish.Out != want || c.Nginx.Rate != tt.rate {
				t.Errorf("out %s, rate %d; want %s, %d", c.Publish.Out, c.Nginx.Rate, want, tt.rate)
			}
		})
	}

	dir := t.TempDir()
	broken := write(t, "[nginx]\nrate = 0\n", dir, "broken.toml")
	for _, tt := range []struct{ path, place, want string }{
		{path: filepath.Join(dir, "none.toml"),
			want: "read configuration: open " + filepath.Join(dir, "none.toml") + ": no such file or directory"},
		{path: dir, want: "read configuration: read " + dir + ": is a directory"},
		{place: dir, want: "is a directory"},
		{path: broken, want: "read configuration " + broken + `: line 2: key "nginx.rate": must be at least 1`},
	} {
		if _, err := config.Load(tt.path, tt.place); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Load(%q, %q): %v\nwant %q in it", tt.path, tt.place, err, tt.want)
		}
	}
}
