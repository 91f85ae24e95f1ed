// Package blazar is a client of one site's Blazar, and of its Keystone and Nova. It
// returns the types of package availability.
package blazar

import (
	"cmp"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// keys are Blazar's keys of a site in the configuration.
type keys struct {
	Cloud string `toml:"cloud"` // entry of clouds.yaml
}

// Check implements [availability.Keys].
func (k *keys) Check() (key, why string) {
	if k.Cloud == "" {
		return "cloud", "must name an entry of clouds.yaml"
	}
	return "", ""
}

// Open is the [availability.Backend] for Blazar.
func Open(site availability.Site, env availability.Environment) (*availability.Connection, error) {
	var own keys
	if err := site.ReadKeys(&own); err != nil {
		return nil, err
	}

	client := New(own.Cloud, env)
	return &availability.Connection{Source: client, Flavors: client, Check: client.Check, Close: client.Close}, nil
}

// Client sends requests to one cloud. It may be used by many goroutines.
type Client struct {
	cloud string // the entry of clouds.yaml
	env   availability.Environment

	// session is nil before the first. connecting is held while one is created.
	session    atomic.Pointer[session]
	connecting *semaphore.Weighted

	hosts hostCache

	// flavors is nil before the first list. listing is held while one is requested.
	flavors atomic.Pointer[flavorTable]
	listing *semaphore.Weighted
}

// New returns a client for an entry of clouds.yaml. It reads clouds.yaml and
// authenticates at the first request, and again after a failure that this may fix.
//
// Of the environment, Getenv is for the variables that locate clouds.yaml and which
// proxies to use; credentials come from clouds.yaml alone. Timeout bounds each HTTP
// exchange including the body. HostsEvery is how many calls of Hosts share one list of
// hosts: Blazar needs several database queries per host for that list, but one for all
// allocations. Fields that are zero have defaults.
func New(cloud string, env availability.Environment) *Client {
	if env.Getenv == nil {
		env.Getenv = func(string) string { return "" }
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Gate == nil {
		env.Gate = semaphore.NewWeighted(1)
	}

	env.Timeout = cmp.Or(env.Timeout, 2*time.Minute)
	env.HostsEvery = cmp.Or(env.HostsEvery, 5)
	env.Limits.Bytes = cmp.Or(env.Limits.Bytes, 64<<20)
	env.Limits.Hosts = cmp.Or(env.Limits.Hosts, 20_000)
	env.Limits.Reservations = cmp.Or(env.Limits.Reservations, 500_000)

	return &Client{
		cloud: cloud, env: env,
		connecting: semaphore.NewWeighted(1),
		hosts:      hostCache{busy: semaphore.NewWeighted(1)},
		listing:    semaphore.NewWeighted(1),
	}
}

// Close drops the session and closes idle connections. A later request opens new
// ones.
func (c *Client) Close() { c.forget(c.session.Load()) }
