package blazar

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// The rules of Blazar's policy that a user needs for reading.
const (
	ruleHosts       = "blazar:oshosts:get"
	ruleAllocations = "blazar:oshosts:get_allocations"
)

// hostCache has the last list of hosts, and what is needed to detect that it is out of
// date. busy guards the other fields.
type hostCache struct {
	busy      *semaphore.Weighted
	list      *hostList // nil before the first
	requested time.Time // when the list was requested
	calls     int       // of Hosts that used the list
	// rows are the ids in the allocations of the last successful call.
	rows map[string]bool
	// complete is set if each host of the list had a row then, as real Blazars do: a
	// host without a row now has been deleted.
	complete bool
	// ignored are the ids in the allocations before the list was requested: that the
	// list lacks one of them does not mean that it is out of date.
	ignored map[string]bool
}

// Hosts requests the allocations and, before them, the list of hosts if the last one
// is out of date: after HostsEvery uses, or when it contradicts the allocations.
// Blazar gets one request at a time, and the reservations, which change more often,
// come last. Errors wrap an *availability.Error, and most have hints.
func (c *Client) Hosts(ctx context.Context) (*availability.Report, error) {
	s, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}

	k := &c.hosts
	if err := k.busy.Acquire(ctx, 1); err != nil {
		return nil, c.failure(ctx, s, operation{doing: "wait for another sync"}, err)
	}
	defer k.busy.Release(1)

	k.calls++
	due := k.list == nil || k.calls > c.env.HostsEvery
	if due {
		k.ignored = k.rows
	}

	// At most two rounds: after the second, the list was requested just now.
	for {
		requested := c.env.Now()
		rows, err := c.fetch(ctx, s, due)
		if err != nil {
			return nil, err
		}
		if !due && k.isOutdated(rows) {
			due, k.ignored = true, rows.ids()
			k.calls = c.env.HostsEvery // so that it stays due if the request fails
			continue
		}

		k.rows, k.complete = rows.ids(), rows.covers(k.list)
		report := join(k.list, rows)
		report.Requested, report.HostsRequested = requested, k.requested
		return report, nil
	}
}

// fetch requests the allocations and, if due, the hosts before them. If the policy
// forbids one of them, the other is tried as well: whoever fixes the policy should see
// both rules at once.
func (c *Client) fetch(ctx context.Context, s *session, due bool) (*allocationList, error) {
	var hostsErr error
	if due {
		hostsErr = c.fetchHosts(ctx, s)
		if hostsErr != nil && !is[*policyError](hostsErr) {
			return nil, hostsErr
		}
	}

	rows, err := c.fetchAllocations(ctx, s)
	if !due && is[*policyError](err) {
		hostsErr = c.fetchHosts(ctx, s)
	}

	one, noHosts := errors.AsType[*policyError](hostsErr)
	two, noRows := errors.AsType[*policyError](err)
	switch {
	case noHosts && noRows:
		rules := slices.Concat(one.rules, two.rules)
		slices.Sort(rules)
		rules = slices.Compact(rules)
		try := operation{doing: "list hosts and allocations at " + originOf(s.reservation.Endpoint),
			rule: strings.Join(rules, " and ")}
		return nil, c.failure(ctx, s, try, &policyError{rules: rules, detail: one.detail})
	case noHosts:
		return nil, hostsErr
	}

	return rows, err
}

// isOutdated reports whether allocations contradict the list of hosts.
func (k *hostCache) isOutdated(rows *allocationList) bool {
	for id := range rows.byHost {
		if !k.list.ids[id] && !k.ignored[id] {
			return true
		}
	}
	return k.complete && !rows.covers(k.list)
}

// fetchHosts requests the list of hosts and keeps it.
func (c *Client) fetchHosts(ctx context.Context, s *session) error {
	k := &c.hosts
	list, requested := &hostList{max: c.env.Limits.Hosts}, c.env.Now()
	err := c.get(ctx, s, request{
		doing: "list hosts", service: s.reservation, path: "os-hosts", rule: ruleHosts, read: list.read,
	})
	if err != nil {
		return err
	}

	k.list, k.requested, k.calls = list, requested, 1
	return nil
}

func (c *Client) fetchAllocations(ctx context.Context, s *session) (*allocationList, error) {
	rows := &allocationList{maxRows: c.env.Limits.Hosts, maxReservations: c.env.Limits.Reservations}
	err := c.get(ctx, s, request{
		doing: "list allocations", service: s.reservation, path: "os-hosts/allocations", rule: ruleAllocations,
		read: rows.read,
	})
	return rows, err
}
