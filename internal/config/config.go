// Package config owns etc/config.toml: one file for both programs, typed and
// strict. A key that neither program knows is an error.
package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// DefaultPath is where the configuration is looked for.
const DefaultPath = "etc/config.toml"

// Config is the whole file. Default has the values of keys that it lacks.
type Config struct {
	Reference          Reference    `toml:"reference"`
	Site               Site         `toml:"site"`
	Publish            Publish      `toml:"publish"`
	Security           Security     `toml:"security"`
	Server             Server       `toml:"server"`
	Nginx              Nginx        `toml:"nginx"`
	Availapi           Availapi     `toml:"availapi"`
	Availability       Availability `toml:"availability"`
	FlavorAvailability Clouds       `toml:"flavor_availability"`

	// Dir is where relative paths in the file start from: the directory above
	// etc/, or the file's own directory if that has another name.
	Dir string `toml:"-"`
}

// Reference says where the reference repository is.
type Reference struct {
	RefDir  string `toml:"ref_dir"`  // data directory in a checkout
	Repo    string `toml:"repo"`     // repository, bundle or URL, instead of ref_dir
	DataDir string `toml:"data_dir"` // data directory inside repo
	Rev     string `toml:"rev"`      // revision to publish
}

// Site says how links are written.
type Site struct {
	BaseURL    string `toml:"base_url"`    // "https://api.example.org"; links are root-relative without
	PathPrefix string `toml:"path_prefix"` // "/ref"; none without
}

// Base is what stands before every link.
func (s Site) Base() string { return strings.TrimSuffix(s.BaseURL, "/") + s.PathPrefix }

// Publish says where releases go.
type Publish struct {
	Out        string `toml:"out"`         // output directory
	Keep       int    `toml:"keep"`        // releases to keep beside the live one
	MaxDeletes int    `toml:"max_deletes"` // resources that may vanish; below 0: a tenth, at least 20
	Strict     bool   `toml:"strict"`      // warnings stop a build
}

// Security is /.well-known/security.txt (RFC 9116). Without contacts there is
// none.
type Security struct {
	Contacts           []string  `toml:"contacts"` // mailto:, tel: or https: addresses
	Expires            time.Time `toml:"expires"`
	Policy             string    `toml:"policy"`
	Encryption         string    `toml:"encryption"`
	PreferredLanguages []string  `toml:"preferred_languages"`
}

// Server is the public address, of nginx and of refgen serve.
type Server struct {
	Host string `toml:"host"`
	Port int    `toml:"port"`
}

// Nginx is what the printed nginx.conf does beyond routing.
type Nginx struct {
	Rate           int      `toml:"rate"`            // live requests a second for an address
	Burst          int      `toml:"burst"`           // requests above the rate that are let through
	MaxBody        string   `toml:"max_body"`        // largest request body, as "64k"
	TrustedProxies []string `toml:"trusted_proxies"` // addresses whose X-Forwarded-For is believed
}

// Availapi is the live service.
type Availapi struct {
	Host     string `toml:"host"`
	Port     int    `toml:"port"`
	StateDir string `toml:"state_dir"` // where last known data is kept
}

// Availability says how Blazar is asked, and for which sites.
type Availability struct {
	PollIntervalSeconds int                `toml:"poll_interval_seconds"`
	SiteTimeoutSeconds  int                `toml:"site_timeout_seconds"`
	ErrorBackoffSeconds int                `toml:"error_backoff_seconds"`
	Sites               map[string]CloudOf `toml:"sites"`
}

// Clouds maps sites to clouds.
type Clouds struct {
	Sites map[string]CloudOf `toml:"sites"`
}

// CloudOf names the entry of clouds.yaml that a site is asked with.
type CloudOf struct {
	Cloud string `toml:"cloud"`
}

// Default returns the values of keys that a file lacks.
func Default() *Config {
	return &Config{
		Reference:    Reference{RefDir: "reference-repository/data/chameleoncloud"},
		Publish:      Publish{Out: "public", Keep: 3, MaxDeletes: -1},
		Server:       Server{Host: "127.0.0.1", Port: 8000},
		Nginx:        Nginx{Rate: 200, Burst: 1000, MaxBody: "64k"},
		Availapi:     Availapi{Host: "127.0.0.1", Port: 8001},
		Availability: Availability{PollIntervalSeconds: 60, SiteTimeoutSeconds: 120, ErrorBackoffSeconds: 60},
		Dir:          ".",
	}
}

// Load reads a configuration file. With an empty path it reads DefaultPath
// below dir if there is one, and else returns the defaults.
func Load(dir, path string) (*Config, error) {
	optional := path == ""
	if optional {
		path = filepath.Join(dir, DefaultPath)
	}
	src, err := os.ReadFile(path)
	if optional && errors.Is(err, os.ErrNotExist) {
		c := Default()
		c.Dir = dir
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(string(src))
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", path, err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if c.Dir = filepath.Dir(abs); filepath.Base(c.Dir) == "etc" {
		c.Dir = filepath.Dir(c.Dir)
	}
	return c, nil
}

// Parse reads the text of a configuration file. Errors name key and line.
func Parse(src string) (*Config, error) {
	c := Default()
	meta, err := toml.Decode(src, c)
	var parse toml.ParseError
	switch {
	case errors.As(err, &parse):
		return nil, fmt.Errorf("line %d: %s", parse.Position.Line, plain(parse))
	case err != nil:
		return nil, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		return nil, hint.Wrap(fmt.Errorf("line %d: unknown key %q", lineOf(src, key), key.String()),
			"docs/configuration.md lists every key")
	}
	if err := c.validate(); err != nil {
		var bad *valueError
		if errors.As(err, &bad) && meta.IsDefined(bad.key...) {
			return nil, fmt.Errorf("line %d: %w", lineOf(src, bad.key), err)
		}
		return nil, err
	}
	return c, nil
}

// plain takes the position, which is told apart, out of a message.
func plain(e toml.ParseError) string {
	if e.LastKey != "" && !strings.Contains(e.Message, e.LastKey) {
		return fmt.Sprintf("key %q: %s", e.LastKey, e.Message)
	}
	return e.Message
}

// lineOf finds the line of a key: the shortest start of the text that defines
// it ends there.
func lineOf(src string, key toml.Key) int {
	end, line := 0, 0
	for l := range strings.Lines(src) {
		end += len(l)
		line++
		var any map[string]any
		if meta, err := toml.Decode(src[:end], &any); err == nil && meta.IsDefined(key...) {
			return line
		}
	}
	return line
}

// valueError is a value that makes no sense.
type valueError struct {
	key toml.Key
	why string
}

func (e *valueError) Error() string { return fmt.Sprintf("key %q: %s", e.key.String(), e.why) }

func bad(why string, key ...string) error { return &valueError{key: key, why: why} }

func (c *Config) validate() error {
	for _, p := range []struct {
		section string
		port    int
	}{{"server", c.Server.Port}, {"availapi", c.Availapi.Port}} {
		if p.port < 1 || p.port > 65535 {
			return bad(fmt.Sprintf("%d is no port", p.port), p.section, "port")
		}
	}
	for _, n := range []struct {
		value int
		key   string
	}{
		{c.Availability.PollIntervalSeconds, "poll_interval_seconds"},
		{c.Availability.SiteTimeoutSeconds, "site_timeout_seconds"},
		{c.Availability.ErrorBackoffSeconds, "error_backoff_seconds"},
	} {
		if n.value < 1 {
			return bad("it must be at least 1", "availability", n.key)
		}
	}
	for section, sites := range map[string]map[string]CloudOf{"availability": c.Availability.Sites, "flavor_availability": c.FlavorAvailability.Sites} {
		for _, site := range slices.Sorted(maps.Keys(sites)) {
			if sites[site].Cloud == "" {
				return bad("it must name an entry of clouds.yaml", section, "sites", site, "cloud")
			}
		}
	}
	if c.Publish.Keep < 0 {
		return bad("it must be at least 0", "publish", "keep")
	}
	if c.Nginx.Rate < 1 {
		return bad("it must be at least 1", "nginx", "rate")
	}
	if c.Nginx.Burst < 0 {
		return bad("it must be at least 0", "nginx", "burst")
	}
	for _, p := range c.Nginx.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil && net.ParseIP(p) == nil {
			return bad(fmt.Sprintf("%q is no address or network", p), "nginx", "trusted_proxies")
		}
	}
	if len(c.Security.Contacts) > 0 && c.Security.Expires.IsZero() {
		return bad("RFC 9116 asks for the day on which the contacts expire", "security", "expires")
	}
	return c.Site.validate()
}

func (s Site) validate() error {
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return bad(fmt.Sprintf("%q is no address as https://api.example.org", s.BaseURL), "site", "base_url")
		}
	}
	if p := s.PathPrefix; p != "" && (!strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") || p != (&url.URL{Path: p}).EscapedPath() || strings.Contains(p, "//") || strings.Contains(p, "/.")) {
		return bad(fmt.Sprintf("%q is no path as /ref", p), "site", "path_prefix")
	}
	return nil
}
