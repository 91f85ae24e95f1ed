// Package config reads etc/config.toml, one file for both programs. It is strict: an
// unknown key is an error.
package config

import (
	"path/filepath"
	"time"
)

// DefaultPath is where the configuration is looked for.
const DefaultPath = "etc/config.toml"

// Config is the content of the file. Missing keys have the values of Default.
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

	// Dir is the base of relative paths in the file: the directory above etc/, or the
	// file's own directory if that has another name.
	Dir string `toml:"-"`

	src  string // the file's text
	file string // its name, "" for none
}

// Path resolves a relative path against Dir.
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
	FetchTimeoutSeconds int    `toml:"fetch_timeout_seconds"` // time limit for fetching; 0 means no limit
}

// FetchTimeout is how long fetching the repository may take.
func (r Reference) FetchTimeout() time.Duration {
	return time.Duration(r.FetchTimeoutSeconds) * time.Second
}

// Limits bound the work that one repository can cause.
type Limits struct {
	Depth       int `toml:"depth"`        // directories inside one another in a commit
	Entries     int `toml:"entries"`      // files and directories in a commit
	Commits     int `toml:"commits"`      // commits in the history
	Changes     int `toml:"changes"`      // changed files in all commits
	ObjectMiB   int `toml:"object_mib"`   // one file, directory or commit
	UnpackedMiB int `toml:"unpacked_mib"` // all objects of a bundle
}

// Links says where the site is published, and how links to it are written.
type Links struct {
	BaseURL       string `toml:"base_url"`       // URL of the published site, such as "https://api.example.org"
	PathPrefix    string `toml:"path_prefix"`    // path that all links start with, such as "/ref"; "" for none
	AbsoluteLinks bool   `toml:"absolute_links"` // links of the API start with base_url
	DataLicense   string `toml:"data_license"`   // SPDX identifier, such as "CC-BY-4.0"
}

// Publish says where releases go.
type Publish struct {
	Out        string `toml:"out"`         // output directory
	Keep       int    `toml:"keep"`        // old releases to keep in addition to the live one
	MaxDeletes int    `toml:"max_deletes"` // resources that a build may remove; negative: a tenth, at least 20
	Strict     bool   `toml:"strict"`      // a build fails on warnings
}

// Security is the content of /.well-known/security.txt (RFC 9116). Without contacts
// the file is not published.
type Security struct {
	Contacts           []string  `toml:"contacts"` // mailto:, tel: or https: URIs
	Expires            time.Time `toml:"expires"`
	Policy             string    `toml:"policy"`
	Encryption         string    `toml:"encryption"`
	PreferredLanguages []string  `toml:"preferred_languages"`
}

// Server is where nginx and refgen serve listen.
type Server struct {
	Host string `toml:"host"`
	Port int    `toml:"port"`
}

// Nginx has the settings of the generated nginx.conf.
type Nginx struct {
	Connections    int      `toml:"connections"`     // concurrent requests of one client; 0 means no limit
	Rate           int      `toml:"rate"`            // live requests a second of one client
	Burst          int      `toml:"burst"`           // requests above the rate that are still accepted
	MaxBody        string   `toml:"max_body"`        // largest request body, such as "64k"
	TrustedProxies []string `toml:"trusted_proxies"` // IP addresses and networks whose X-Forwarded-For is trusted
}

// Availapi is the live service.
type Availapi struct {
	Host     string `toml:"host"`
	Port     int    `toml:"port"`
	StateDir string `toml:"state_dir"` // directory for last-known data; "" stores none
}

// Availability is how reservation systems are polled, and for which sites.
type Availability struct {
	PollIntervalSeconds int                         `toml:"poll_interval_seconds"`
	SiteTimeoutSeconds  int                         `toml:"site_timeout_seconds"`
	ErrorBackoffSeconds int                         `toml:"error_backoff_seconds"`
	HostsEveryPolls     int                         `toml:"hosts_every_polls"` // polls that share one list of hosts
	MaxAnswerMiB        int                         `toml:"max_answer_mib"`    // largest response of a site
	MaxHosts            int                         `toml:"max_hosts"`         // maximum number of hosts in a response
	MaxReservations     int                         `toml:"max_reservations"`  // maximum number of them in a response
	Sites               map[string]AvailabilitySite `toml:"sites"`
}

// AvailabilitySite is how one site is polled, and its rules for reservations.
type AvailabilitySite struct {
	Backend           string `toml:"backend"`             // reservation system; "" means DefaultBackend
	LeadMinutes       int    `toml:"lead_minutes"`        // from now to the earliest start
	GapMinutes        int    `toml:"gap_minutes"`         // minimum idle time between reservations of a node
	LongestLeaseHours int    `toml:"longest_lease_hours"` // 0 means no limit

	// Own are the keys that only the reservation system knows. Config.Decode reads them.
	Own map[string]any `toml:"-"`
}

// FlavorAvailability is how flavors are requested from reservation systems, and for
// which sites.
type FlavorAvailability struct {
	RequestsPerMinute int                   `toml:"requests_per_minute"` // to each site
	Sites             map[string]FlavorSite `toml:"sites"`
}

// FlavorSite is how flavors are requested from one site.
type FlavorSite struct {
	Backend string         `toml:"backend"`
	Own     map[string]any `toml:"-"` // as in AvailabilitySite
}

// DefaultBackend is the reservation system of sites without the key backend.
const DefaultBackend = "blazar"

// Default returns the values for missing keys.
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
