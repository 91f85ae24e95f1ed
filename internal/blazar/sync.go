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

// hostCache has the last list of hosts, and what it takes to know when it is
// out of date. Whoever has put a value into busy may use it.
type hostCache struct {
	busy      chan struct{}
	list      *hostList // nil before the first
	requested time.Time // when the list was requested
	calls     int       // of Hosts since, and the one that requested it
	// rows are the ids that the allocations of the last good call had.
	rows map[string]bool
	// complete says that each host of the list had a row then, as it is with a real
	// Blazar: one that lacks it now is gone.
	complete bool
	// ignored are the ids that allocations had before the list was requested: those
	// of them that it lacks are no reason to ask again.
	ignored map[string]bool
}

func newHostsKeeper() hostCache { return hostCache{busy: make(chan struct{}, 1)} }

// Hosts asks for the allocations and, before them, for the hosts where the last
// list is too old: when it was used HostsEvery times, or the allocations name a
// host that it lacks or lack one that it has. Blazar has one request at a time,
// and the reservations are the newer half. The errors wrap an
// *availability.Error, and hints go with most of them.
func (c *Client) Hosts(ctx context.Context) (*availability.Report, error) {
	s, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}

	k := &c.hosts
	select {
	case k.busy <- struct{}{}:
		defer func() { <-k.busy }()
	case <-ctx.Done():
		return nil, c.failure(ctx, s, operation{doing: "wait for another sync"}, ctx.Err())
	}

	k.calls++
	due := k.list == nil || k.calls > c.options.HostsEvery
	if due {
		k.ignored = k.rows
	}

	for {
		asked := c.options.Now()
		rows, err := c.ask(ctx, s, due)
		if err != nil {
			return nil, err
		}
		if !due && k.isOutdated(rows) {
			due, k.ignored = true, rows.ids()
			k.calls = c.options.HostsEvery // due again, should the request fail
			continue
		}

		k.rows, k.complete = rows.ids(), rows.covers(k.list)
		report := join(k.list, rows)
		report.Requested, report.HostsRequested = asked, k.requested
		return report, nil
	}
}

// ask requests the allocations and, where they are due, the hosts before them.
// Where the policy refuses one of them, the other is tried as well: who mends the
// policy should not have to come back for the other rule.
func (c *Client) ask(ctx context.Context, s *session, due bool) (*allocationList, error) {
	var noHosts error
	if due {
		if noHosts = c.askHosts(ctx, s); noHosts != nil && !isPolicyError(noHosts) {
			return nil, noHosts
		}
	}

	rows, err := c.askAllocations(ctx, s)
	if !due && isPolicyError(err) {
		noHosts = c.askHosts(ctx, s)
	}

	switch {
	case isPolicyError(noHosts) && isPolicyError(err):
		return nil, c.bothForbidden(ctx, s, noHosts, err)
	case isPolicyError(noHosts):
		return nil, noHosts
	}

	return rows, err
}

// isOutdated reports whether allocations contradict the list of hosts.
func (k *hostCache) isOutdated(rows *allocationList) bool {
	for _, id := range rows.order {
		if !k.list.ids[id] && !k.ignored[id] {
			return true
		}
	}
	return k.complete && !rows.covers(k.list)
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

	k.list, k.requested, k.calls = list, asked, 1
	return nil
}

func (c *Client) askAllocations(ctx context.Context, s *session) (*allocationList, error) {
	rows := &allocationList{maxRows: c.options.MaxHosts, maxReservations: c.options.MaxReservations}
	err := c.get(ctx, s, request{
		doing: "list allocations", service: s.reservation, path: "os-hosts/allocations", rule: ruleAllocations, read: rows.read,
	})
	return rows, err
}

// policyError is a 403 of a service's policy.
type policyError struct {
	rules  []string // what would allow it
	detail string   // what the service says beyond the rule
}

func (r *policyError) Error() string {
	text := "403 Forbidden: "
	if r.detail != "" {
		text += r.detail + ": "
	}
	return text + "policy.yaml must allow " + strings.Join(r.rules, " and ")
}

func isPolicyError(err error) bool {
	var r *policyError
	return errors.As(err, &r)
}

// bothForbidden makes one error of the policy's refusals of both requests.
func (c *Client) bothForbidden(ctx context.Context, s *session, hosts, allocations error) error {
	var one, two *policyError
	if !errors.As(hosts, &one) || !errors.As(allocations, &two) {
		return hosts
	}

	rules := slices.Concat(one.rules, two.rules)
	slices.Sort(rules)
	rules = slices.Compact(rules)
	try := operation{doing: "list hosts and allocations at " + originOf(s.reservation.Endpoint),
		rule: strings.Join(rules, " and ")}
	return c.failure(ctx, s, try, &policyError{rules: rules, detail: one.detail})
}
