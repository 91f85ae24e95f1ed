// Package config has the table of all settings of both programs, and reads them from
// etc/config.toml. It is strict: an unknown key is an error.
package config

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/reserve"
)

// Config has a field for each setting, whose tags are
//
//	toml   its key in the file; see [Setting.Variables] for its variables in the environment
//	short  a shorter name of its variable, after REFERENCE_API_
//	env    one from elsewhere, complete
//	path   that it is the name of a file or directory; "or-url" if it may also be a URL
//
// Settings that nobody made have the values of [Default].
type Config struct {
	Reference          Reference          `toml:"reference"`
	Limits             Limits             `toml:"limits"`
	Links              Links              `toml:"site"`
	Reserve            Reserve            `toml:"reserve"`
	Publish            Publish            `toml:"publish"`
	Watch              Watch              `toml:"watch"`
	Privacy            Privacy            `toml:"privacy"`
	Security           Security           `toml:"security"`
	Server             Server             `toml:"server"`
	Nginx              Nginx              `toml:"nginx"`
	Availapi           Availapi           `toml:"availapi"`
	Availability       Availability       `toml:"availability"`
	FlavorAvailability FlavorAvailability `toml:"flavor_availability"`
	Log                Log                `toml:"log"`

	file  string            // name of the file, "" for none
	src   string            // its text
	table map[string]any    // its content
	given map[string]Origin // settings from elsewhere, by key
}

// Reference says where the reference repository is.
type Reference struct {
	RefDir  string `toml:"ref_dir" path:"" short:"REF_DIR"` // data directory in a checkout
	Repo    string `toml:"repo" path:"or-url" short:"REPO"` // repository, bundle or URL, instead of ref_dir
	DataDir string `toml:"data_dir" short:"DATA_DIR"`       // data directory inside repo
	Rev     string `toml:"rev" short:"REV"`                 // revision to publish

	TokenFile    string        `toml:"token_file" path:"" short:"TOKEN_FILE"`       // file with a token, for https://
	SSHKey       string        `toml:"ssh_key" path:"" short:"SSH_KEY"`             // private key for SSH
	FetchTimeout time.Duration `toml:"fetch_timeout_seconds" short:"FETCH_TIMEOUT"` // 0 means no limit
}

// Limits bound the work that one repository can cause.
type Limits struct {
	Depth       int `toml:"depth" short:"MAX_DEPTH"`               // directories inside one another in a commit
	Entries     int `toml:"entries" short:"MAX_ENTRIES"`           // files and directories in a commit
	Commits     int `toml:"commits" short:"MAX_COMMITS"`           // commits in the history
	Changes     int `toml:"changes" short:"MAX_CHANGES"`           // changed files in all commits
	ObjectMiB   int `toml:"object_mib" short:"MAX_OBJECT_MIB"`     // one file, directory or commit
	UnpackedMiB int `toml:"unpacked_mib" short:"MAX_UNPACKED_MIB"` // all objects of a bundle
}

// Links says where the site is published, how links to it are written, and how its pages
// look.
type Links struct {
	BaseURL       string   `toml:"base_url" short:"BASE_URL"`             // of the published site, such as "https://api.example.org"
	PathPrefix    string   `toml:"path_prefix" short:"PATH_PREFIX"`       // that all links start with, such as "/ref"; "" for none
	AbsoluteLinks bool     `toml:"absolute_links" short:"ABSOLUTE_LINKS"` // links of the API start with base_url
	NoIndex       bool     `toml:"noindex"`                               // search engines list nothing
	CacheTag      string   `toml:"cache_tag"`                             // name in the tags that CDNs purge by; "" for none
	Only          []string `toml:"only"`                                  // parts to publish alone: "docs", "openapi"; none for all
	LinkSuffix    string   `toml:"link_suffix"`                           // ".json" for servers that have nothing but files
	DataLicense   string   `toml:"data_license"`                          // SPDX identifier, such as "CC-BY-4.0"

	Title    string   `toml:"title"`        // of the testbed, in every page; "" is the grid's
	Logo     string   `toml:"logo" path:""` // SVG or PNG file; "" for none
	Accent   []string `toml:"accent"`       // colors: of the light scheme and of the dark one; see [theme.Colors]
	AccentBg []string `toml:"accent_bg"`
	OnAccent []string `toml:"on_accent"`
	Nav      []string `toml:"links"`  // to other sites, in every page: a name, a space and a URL
	Banner   string   `toml:"banner"` // sentence at the top of every page; "" for none
	Footer   string   `toml:"footer"` // at the bottom

	FrameAncestors []string `toml:"frame_ancestors"` // origins whose pages may show these in frames
}

// Reserve has the snippets with which pages say how to reserve hardware.
type Reserve struct {
	Offer    []string                   `toml:"offer"`    // names of snippets, in their order
	Snippets map[string]reserve.Snippet `toml:"snippets"` // the testbed's own, by name; they replace those built in
}

// Publish says where releases go.
type Publish struct {
	Out        string `toml:"out" path:"" short:"OUT"`         // output directory
	Keep       int    `toml:"keep" short:"KEEP"`               // old releases to keep in addition to the live one
	MaxDeletes int    `toml:"max_deletes" short:"MAX_DELETES"` // that a build may remove; negative: a tenth, at least 20
	Strict     bool   `toml:"strict" short:"STRICT"`           // a build fails on warnings

	Host         string `toml:"host"`           // host of plain files: "pages", "netlify" or "cloudflare"; "" for none
	HostMaxFiles int    `toml:"host_max_files"` // that it takes; 0 is what its free plan does

	OnSuccess        []string      `toml:"on_success"`                 // command to run after a release went live
	OnSuccessTimeout time.Duration `toml:"on_success_timeout_seconds"` // how long it may take
}

// Watch is how refgen watch follows the repository.
type Watch struct {
	Every             time.Duration `toml:"every_seconds" short:"EVERY"`                             // between two fetches without a webhook or a change
	Listen            []string      `toml:"listen"`                                                  // addresses of health checks, metrics and webhook
	WebhookSecretFile string        `toml:"webhook_secret_file" path:"" short:"WEBHOOK_SECRET_FILE"` // with a secret in each line; "" for no webhook
}

// Privacy says what is not published of the repository.
type Privacy struct {
	Authors string   `toml:"authors"` // of commits: AuthorsName or AuthorsHidden
	Hidden  []string `toml:"hidden"`  // JSON pointers of values in the reference files
}

// Values of Privacy.Authors.
const (
	AuthorsName   = "name"
	AuthorsHidden = "hidden"
)

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
	Listen []string `toml:"listen" short:"LISTEN"` // addresses, instead of host and port
	Host   string   `toml:"host" short:"HOST"`
	Port   int      `toml:"port" short:"PORT"` // 0 is a free one
}

// Nginx has the settings of the generated nginx.conf.
type Nginx struct {
	Connections    int      `toml:"connections"`     // concurrent requests of one client; 0 means no limit
	Rate           int      `toml:"rate"`            // live requests a second of one client
	Burst          int      `toml:"burst"`           // requests above the rate that are still accepted
	MaxBody        string   `toml:"max_body"`        // largest request body, such as "64k"
	TrustedProxies []string `toml:"trusted_proxies"` // IP addresses and networks whose X-Forwarded-For is trusted
	Availapi       []string `toml:"availapi"`        // addresses of the live service; none means those of [availapi]
	Webhook        []string `toml:"webhook"`         // addresses of refgen watch; none means those of [watch], if it has a secret
	Brotli         string   `toml:"brotli"`          // "on" or "off"
	Modules        string   `toml:"modules"`         // directory of dynamic modules
	LogAddresses   string   `toml:"log_addresses"`   // of clients in the access log: LogFull, LogShort or LogNone
}

// Values of Nginx.LogAddresses.
const (
	LogFull  = "full"
	LogShort = "short" // the network: /24 of IPv4, /48 of IPv6
	LogNone  = "none"
)

// Availapi is the live service.
type Availapi struct {
	Listen   []string `toml:"listen" env:"AVAILAPI_LISTEN"` // addresses, instead of host and port
	Host     string   `toml:"host" env:"AVAILAPI_HOST"`
	Port     int      `toml:"port" env:"AVAILAPI_PORT"`                // 0 is a free one
	StateDir string   `toml:"state_dir" path:"" env:"STATE_DIRECTORY"` // directory for last-known data; "" stores none
}

// Availability is how reservation systems are polled, and for which sites.
type Availability struct {
	PollInterval    time.Duration               `toml:"poll_interval_seconds"`
	SiteTimeout     time.Duration               `toml:"site_timeout_seconds"`
	ErrorBackoff    time.Duration               `toml:"error_backoff_seconds"`
	HostsEveryPolls int                         `toml:"hosts_every_polls"` // polls that share one list of hosts
	MaxAnswerMiB    int                         `toml:"max_answer_mib"`    // largest response of a site
	MaxHosts        int                         `toml:"max_hosts"`         // maximum number of hosts in a response
	MaxReservations int                         `toml:"max_reservations"`  // maximum number of them in a response
	Sites           map[string]AvailabilitySite `toml:"sites"`
	Notices         map[string]Notice           `toml:"notices"` // by names that stay, which are their ids
}

// Notice is something that users of a site should know for a while, such as a planned
// outage.
type Notice struct {
	Site  string    `toml:"site"`  // uid; "" for all sites
	Start time.Time `toml:"start"` // zero for one that is shown from now on
	End   time.Time `toml:"end"`   // after which it is not shown
	Text  string    `toml:"text"`
	URL   string    `toml:"url"` // of more about it, "" for none
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

// Log is what the programs log.
type Log struct {
	Level  string `toml:"level"`  // least severity: "debug", "info", "warn" or "error"
	Format string `toml:"format"` // "text" or "json"
}

// DefaultBackend is the reservation system of sites without the key backend.
const DefaultBackend = "blazar"

// Default returns the values for missing keys.
func Default() *Config {
	return &Config{
		Reference: Reference{RefDir: "reference-repository/data/chameleoncloud", FetchTimeout: 300 * time.Second},
		Limits: Limits{Depth: 100, Entries: 250_000, Commits: 50_000, Changes: 1_000_000, ObjectMiB: 16,
			UnpackedMiB: 4096},
		Reserve: Reserve{Offer: reserve.Offer()},
		Publish: Publish{Out: "public", Keep: 3, MaxDeletes: -1, OnSuccessTimeout: 60 * time.Second},
		Watch:   Watch{Every: 60 * time.Second, Listen: []string{"127.0.0.1:8002"}},
		Privacy: Privacy{Authors: AuthorsName},
		Server:  Server{Host: "127.0.0.1", Port: 8000},
		Nginx: Nginx{Connections: 500, Rate: 200, Burst: 1000, MaxBody: "64k", Brotli: "on",
			Modules: "/usr/lib/nginx/modules", LogAddresses: LogShort},
		Availapi: Availapi{Host: "127.0.0.1", Port: 8001, StateDir: "state"},
		Availability: Availability{
			PollInterval: 60 * time.Second, SiteTimeout: 120 * time.Second, ErrorBackoff: 60 * time.Second,
			HostsEveryPolls: 5, MaxAnswerMiB: 64, MaxHosts: 20_000, MaxReservations: 500_000,
		},
		FlavorAvailability: FlavorAvailability{RequestsPerMinute: 120},
		Log:                Log{Level: "info", Format: "text"},
	}
}
