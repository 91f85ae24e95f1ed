// Package config owns etc/config.toml: one file for both programs, typed and
// strict. A key that neither program knows is an error.
package config

import (
	"path/filepath"
	"time"
)

// DefaultPath is where the configuration is looked for.
const DefaultPath = "etc/config.toml"

// Config is the whole file. Default has the values of keys that it lacks.
type Config struct {
	Reference          Reference          `toml:"reference"`
	Limits             Limits             `toml:"limits"`
	Links              Links              `toml:"site"`
	Publish            Publish            `toml:"publish"`
	Security           Security           `toml:"security"`
	Server             Server             `toml:"server"`
	Nginx              Nginx              `toml:"nginx"`
	Availapi           Availapi           `toml:"availapi"`
	Availability       Availability       `toml:"availability"`
	FlavorAvailability FlavorAvailability `toml:"flavor_availability"`

	// Dir is where relative paths in the file start from: the directory above
	// etc/, or the file's own directory if that has another name.
	Dir string `toml:"-"`

	src  string // the file's text
	file string // its name, "" for none
}

// Path puts a relative path of the file under its directory.
func (c *Config) Path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// Reference says where the reference repository is.
type Reference struct {
	RefDir  string `toml:"ref_dir"`  // data directory in a checkout
	Repo    string `toml:"repo"`     // repository, bundle or URL, instead of ref_dir
	DataDir string `toml:"data_dir"` // data directory inside repo
	Rev     string `toml:"rev"`      // revision to publish

	TokenFile           string `toml:"token_file"`            // file with a token, for http:// and https://
	SSHKey              string `toml:"ssh_key"`               // private key for SSH
	FetchTimeoutSeconds int    `toml:"fetch_timeout_seconds"` // time after which fetching is given up
}

// FetchTimeout is how long fetching the repository may take.
func (r Reference) FetchTimeout() time.Duration {
	return time.Duration(r.FetchTimeoutSeconds) * time.Second
}

// Limits bound what a repository may cost its reader.
type Limits struct {
	Depth       int `toml:"depth"`        // directories inside one another in a commit
	Entries     int `toml:"entries"`      // files and directories in a commit
	Commits     int `toml:"commits"`      // commits in the history
	Changes     int `toml:"changes"`      // changed files in all commits
	ObjectMiB   int `toml:"object_mib"`   // one file, directory or commit
	UnpackedMiB int `toml:"unpacked_mib"` // all that a bundle holds
}

// Links says where the site is published, and how links to it are written.
type Links struct {
	BaseURL       string `toml:"base_url"`       // URL of the published site, "https://api.example.org"
	PathPrefix    string `toml:"path_prefix"`    // "/ref"; none without
	AbsoluteLinks bool   `toml:"absolute_links"` // links of the API start with base_url
}

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
	Connections    int      `toml:"connections"`     // requests in work at once for an address; 0 is no limit
	Rate           int      `toml:"rate"`            // live requests a second for an address
	Burst          int      `toml:"burst"`           // requests above the rate that are let through
	MaxBody        string   `toml:"max_body"`        // largest request body, as "64k"
	TrustedProxies []string `toml:"trusted_proxies"` // addresses whose X-Forwarded-For is believed
}

// Availapi is the live service.
type Availapi struct {
	Host     string `toml:"host"`
	Port     int    `toml:"port"`
	StateDir string `toml:"state_dir"` // where last known data is kept; "" keeps none
}

// Availability says how reservation systems are polled, and for which sites.
type Availability struct {
	PollIntervalSeconds int                         `toml:"poll_interval_seconds"`
	SiteTimeoutSeconds  int                         `toml:"site_timeout_seconds"`
	ErrorBackoffSeconds int                         `toml:"error_backoff_seconds"`
	HostsEveryPolls     int                         `toml:"hosts_every_polls"` // polls that share one list of hosts
	MaxAnswerMiB        int                         `toml:"max_answer_mib"`    // longest response of a site
	MaxHosts            int                         `toml:"max_hosts"`         // most hosts in a response
	MaxReservations     int                         `toml:"max_reservations"`  // most reservations in a response
	Sites               map[string]AvailabilitySite `toml:"sites"`
}

// AvailabilitySite is how one site is polled, and its rules for reservations.
type AvailabilitySite struct {
	Backend           string `toml:"backend"`             // reservation system; "" is DefaultBackend
	LeadMinutes       int    `toml:"lead_minutes"`        // from now to the earliest start
	GapMinutes        int    `toml:"gap_minutes"`         // between reservations of a node
	LongestLeaseHours int    `toml:"longest_lease_hours"` // 0 for no limit

	// Own are the reservation system's own keys, which Config.Decode reads.
	Own map[string]any `toml:"-"`
}

// FlavorAvailability says how reservation systems are asked about flavors, and
// for which sites.
type FlavorAvailability struct {
	RequestsPerMinute int                   `toml:"requests_per_minute"` // to each site
	Sites             map[string]FlavorSite `toml:"sites"`
}

// FlavorSite is how one site is asked about flavors.
type FlavorSite struct {
	Backend string         `toml:"backend"`
	Own     map[string]any `toml:"-"` // as of an AvailabilitySite
}

// DefaultBackend is the reservation system of sites that name none.
const DefaultBackend = "blazar"

// Default returns the values of keys that a file lacks.
func Default() *Config {
	return &Config{
		Reference: Reference{RefDir: "reference-repository/data/chameleoncloud", FetchTimeoutSeconds: 300},
		Limits: Limits{Depth: 100, Entries: 250_000, Commits: 50_000, Changes: 1_000_000, ObjectMiB: 16,
			UnpackedMiB: 4096},
		Publish:  Publish{Out: "public", Keep: 3, MaxDeletes: -1},
		Server:   Server{Host: "127.0.0.1", Port: 8000},
		Nginx:    Nginx{Connections: 500, Rate: 200, Burst: 1000, MaxBody: "64k"},
		Availapi: Availapi{Host: "127.0.0.1", Port: 8001, StateDir: "state"},
		Availability: Availability{
			PollIntervalSeconds: 60, SiteTimeoutSeconds: 120, ErrorBackoffSeconds: 60, HostsEveryPolls: 5,
			MaxAnswerMiB: 64, MaxHosts: 20_000, MaxReservations: 500_000,
		},
		FlavorAvailability: FlavorAvailability{RequestsPerMinute: 120},
		Dir:                ".",
	}
}
