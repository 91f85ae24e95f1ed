// Package blazar is a client of one site's Blazar, and of its Keystone and Nova. It
// returns the types of package availability.
package blazar

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// Defaults of Options.
const (
	DefaultMaxBody         = 64 << 20
	DefaultMaxHosts        = 20_000
	DefaultMaxReservations = 500_000
	DefaultTimeout         = 2 * time.Minute
	DefaultHostsEvery      = 5
)

// Options say which cloud to talk to, and how.
type Options struct {
	// Cloud is the entry of clouds.yaml.
	Cloud string
	// Getenv is for the variables that locate clouds.yaml (OS_CLIENT_CONFIG_FILE,
	// OS_CLIENT_SECURE_FILE, XDG_CONFIG_HOME, XDG_CONFIG_DIRS, HOME) and which proxies to use.
	// Credentials come from clouds.yaml alone. nil is an empty environment.
	Getenv func(string) string
	// UserAgent goes before the library's own, as in refapi/1.0.0.
	UserAgent string
	// MaxBody bounds a response in bytes, after decompression; 0 means DefaultMaxBody.
	MaxBody int64
	// MaxHosts bounds the hosts of a response, and the rows of allocations; 0 means
	// DefaultMaxHosts.
	MaxHosts int
	// MaxReservations bounds the reservations of a response; 0 means
	// DefaultMaxReservations.
	MaxReservations int
	// Gate is shared by the clients of a program; nil means a gate of its own.
	Gate *availability.Gate
	// Timeout bounds each HTTP exchange including the body; 0 means DefaultTimeout. A
	// context may end it sooner.
	Timeout time.Duration
	// HostsEvery is how many calls of Hosts share one list of hosts: Blazar needs
	// several database queries per host for that list, but one for all allocations.
	// 1 requests it at each call; 0 means DefaultHostsEvery.
	HostsEvery int
	// Connected receives the target after each authentication; nil for none.
	Connected func(Target)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.MaxHosts <= 0 {
		o.MaxHosts = DefaultMaxHosts
	}
	if o.MaxReservations <= 0 {
		o.MaxReservations = DefaultMaxReservations
	}
	if o.Gate == nil {
		o.Gate = availability.NewGate()
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.HostsEvery <= 0 {
		o.HostsEvery = DefaultHostsEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}

	return o
}

// Client sends requests to one cloud. It may be used by many goroutines.
type Client struct {
	options Options
	session sessionCache
	hosts   hostCache
	flavors flavorCache
}

var (
	_ availability.Source       = (*Client)(nil)
	_ availability.FlavorSource = (*Client)(nil)
)

// New returns a client. It reads clouds.yaml and authenticates at the first request,
// and again after a failure that this may fix.
func New(options Options) *Client {
	return &Client{options: options.withDefaults(), session: newSessionKeeper(), hosts: newHostsKeeper(),
		flavors: newFlavorNames()}
}

// Close drops the session and closes idle connections. A later request opens new
// ones.
func (c *Client) Close() { c.forget(c.session.current.Load()) }

// noRedirects does not follow redirects: Go would forward X-Auth-Token.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
