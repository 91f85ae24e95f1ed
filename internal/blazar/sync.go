package blazar

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// The rules of Blazar's policy that let a user read.
const (
	ruleHosts       = "blazar:oshosts:get"
	ruleAllocations = "blazar:oshosts:get_allocations"
)

// hostsKeeper has the last list of hosts, and what it takes to know when it is
// out of date. Whoever has put a value into busy may use it.
type hostsKeeper struct {
	busy  chan struct{}
	list  *hostList // nil before the first
	asked time.Time // when the list was requested
	calls int       // of Hosts since, and the one that requested it
	// rows are the ids that the allocations of the last good call had.
	rows map[string]bool
	// complete says that each host of the list had a row then, as it is with a real
	// Blazar: one that lacks it now is gone.
	complete bool
	// strange are the ids that allocations had before the list was requested: those
	// of them that it lacks are no reason to ask again.
	strange map[string]bool
}

func newHostsKeeper() hostsKeeper { return hostsKeeper{busy: make(chan struct{}, 1)} }

// Hosts asks for the allocations and, before them, for the hosts where the last
// list is too old: when it was used HostsEvery times, or the allocations name a
// host that it lacks or lack one that it has. Blazar has one request at a time,
// and the reservations are the newer half. The errors wrap an
// *availability.Error, and hints go with most of them.
func (c *Client) Hosts(ctx context.Context) (*availability.Inventory, error) {
	s, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	k := &c.hosts
	select {
	case k.busy <- struct{}{}:
		defer func() { <-k.busy }()
	case <-ctx.Done():
		return nil, c.failed(ctx, s, attempt{doing: "wait for another sync"}, ctx.Err())
	}

	k.calls++
	due := k.list == nil || k.calls > c.options.HostsEvery
	if due {
		k.strange = k.rows
	}
	for {
		asked := c.options.Now()
		rows, err := c.ask(ctx, s, due)
		if err != nil {
			return nil, err
		}
		if !due && k.outdated(rows) {
			due, k.strange = true, rows.ids()
			k.calls = c.options.HostsEvery // due again, should the request fail
			continue
		}

		k.rows, k.complete = rows.ids(), rows.cover(k.list)
		inv := join(k.list, rows)
		inv.Asked, inv.HostsAsked = asked, k.asked
		return inv, nil
	}
}

// ask requests the allocations and, where they are due, the hosts before them.
// Where the policy refuses one of them, the other is tried as well: who mends the
// policy should not have to come back for the other rule.
func (c *Client) ask(ctx context.Context, s *session, due bool) (*allocationList, error) {
	var noHosts error
	if due {
		if noHosts = c.askHosts(ctx, s); noHosts != nil && !isRefused(noHosts) {
			return nil, noHosts
		}
	}
	rows, err := c.askAllocations(ctx, s)
	if !due && isRefused(err) {
		noHosts = c.askHosts(ctx, s)
	}

	switch {
	case isRefused(noHosts) && isRefused(err):
		return nil, c.bothRefused(ctx, s, noHosts, err)
	case isRefused(noHosts):
		return nil, noHosts
	}
	return rows, err
}

// outdated reports whether allocations contradict the list of hosts.
func (k *hostsKeeper) outdated(rows *allocationList) bool {
	for _, id := range rows.order {
		if !k.list.ids[id] && !k.strange[id] {
			return true
		}
	}
	return k.complete && !rows.cover(k.list)
}

// askHosts requests the list of hosts and keeps it.
func (c *Client) askHosts(ctx context.Context, s *session) error {
	k := &c.hosts
	list, asked := &hostList{max: c.options.MaxHosts}, c.options.Now()
	err := c.get(ctx, s, request{
		doing: "list hosts", service: s.reservation, path: "os-hosts", rule: ruleHosts, read: list.read,
	})
	if err != nil {
		return err
	}

	k.list, k.asked, k.calls = list, asked, 1
	return nil
}

func (c *Client) askAllocations(ctx context.Context, s *session) (*allocationList, error) {
	rows := &allocationList{maxRows: c.options.MaxHosts, maxReservations: c.options.MaxReservations}
	err := c.get(ctx, s, request{
		doing: "list allocations", service: s.reservation, path: "os-hosts/allocations", rule: ruleAllocations, read: rows.read,
	})
	return rows, err
}

// refused is a 403 of a service's policy.
type refused struct {
	rules []string // what would allow it
	said  string   // what the service says beyond the rule
}

func (r *refused) Error() string {
	text := "403 Forbidden: "
	if r.said != "" {
		text += r.said + ": "
	}
	return text + "policy.yaml must allow " + strings.Join(r.rules, " and ")
}

func isRefused(err error) bool {
	var r *refused
	return errors.As(err, &r)
}

// bothRefused makes one error of the policy's refusals of both requests.
func (c *Client) bothRefused(ctx context.Context, s *session, hosts, allocations error) error {
	var one, two *refused
	if !errors.As(hosts, &one) || !errors.As(allocations, &two) {
		return hosts
	}

	rules := slices.Concat(one.rules, two.rules)
	slices.Sort(rules)
	rules = slices.Compact(rules)
	try := attempt{doing: "list hosts and allocations at " + origin(s.reservation.Endpoint), rule: strings.Join(rules, " and ")}
	return c.failed(ctx, s, try, &refused{rules: rules, said: one.said})
}
