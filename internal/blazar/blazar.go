// Package blazar asks one site's Blazar, and the Keystone and the Nova next to
// it. What it returns are availability's types.
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
	// Getenv says where clouds.yaml is (OS_CLIENT_CONFIG_FILE,
	// OS_CLIENT_SECURE_FILE, XDG_CONFIG_HOME, XDG_CONFIG_DIRS, HOME) and which proxies to use.
	// Credentials come from clouds.yaml alone. nil is an empty environment.
	Getenv func(string) string
	// UserAgent goes before the library's own, as in refapi/1.0.0.
	UserAgent string
	// MaxBody is the most bytes that an answer may have, after decompression;
	// 0 is DefaultMaxBody.
	MaxBody int64
	// MaxHosts is the most hosts that an answer may have, and the most rows of
	// allocations; 0 is DefaultMaxHosts.
	MaxHosts int
	// MaxReservations is the most reservations that an answer may have; 0 is
	// DefaultMaxReservations.
	MaxReservations int
	// Gate is shared by the clients of a program; nil is a gate of the client's own.
	Gate *availability.Gate
	// Timeout bounds each HTTP exchange, its body included; 0 is
	// DefaultTimeout. A context may end it sooner.
	Timeout time.Duration
	// HostsEvery is how many calls of Hosts share one list of hosts: Blazar makes
	// that list with several queries a host, and the allocations with one. 1 asks
	// for it at each call; 0 is DefaultHostsEvery.
	HostsEvery int
	// Connected is told what is asked after each authentication; nil for
	// nobody.
	Connected func(Target)
	// Now is the clock; nil is time.Now.
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

// Client asks one cloud. It may be used by many goroutines.
type Client struct {
	options Options
	session sessionCache
	hosts   hostCache
	flavors flavorCache
}

// A client is what the live side asks.
var (
	_ availability.Source       = (*Client)(nil)
	_ availability.FlavorSource = (*Client)(nil)
)

// New makes a client. It reads clouds.yaml and authenticates when it is first
// asked something, and again after a failure that this may mend.
func New(o Options) *Client {
	return &Client{options: o.withDefaults(), session: newSessionKeeper(), hosts: newHostsKeeper(),
		flavors: newFlavorNames()}
}

// Close lets go of the session and of idle connections. What is asked later
// makes new ones.
func (c *Client) Close() { c.forget(c.session.current.Load()) }

// noRedirects does not follow redirects: Go would forward X-Auth-Token.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
