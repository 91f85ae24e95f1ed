// Package demo simulates a reservation system: plausible reservations of nodes
// and flavors, derived from their names and the hour, so that everybody sees the
// same and nothing has to be stored.
package demo

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

const (
	hour = availability.Time(time.Hour / time.Microsecond)
	// A node's leases are simulated part by part, so that those of any time can
	// be known without those before. No lease goes from one part to the next.
	part = 21 * 24 * hour
	// People reserve up to so long ahead, and so far is looked ahead.
	ahead = 30 * 24 * hour
)

// site is what is simulated of one.
type site struct {
	id             string
	nodes, flavors func(site string) []string
	now            func() time.Time
}

// noKeys says that the backend has no keys of its own.
type noKeys struct{}

// Check implements [availability.Keys].
func (*noKeys) Check() (key, why string) { return "", "" }

// Open is the [availability.Backend] for simulated reservations of the nodes and
// flavors that the environment names. They depend on the site, the node or
// flavor, and the hour. Of a hundred nodes about three are in maintenance, two are
// not known, fifteen have no reservations, and five are kept for some projects. A
// flavor has four to thirty-two instances, with leases as nodes have them.
func Open(of availability.Site, env availability.Environment) (*availability.Connection, error) {
	if err := of.ReadKeys(new(noKeys)); err != nil {
		return nil, err
	}
	s := &site{id: of.ID, nodes: env.Nodes, flavors: env.Flavors, now: env.Now}
	return &availability.Connection{
		Source: s, Flavors: s, Simulated: true,
		Check: func() (availability.Target, []availability.Note, error) {
			return availability.Target{Text: "simulated reservations", Attributes: []any{"simulated", true}}, nil, nil
		},
	}, nil
}

// Hosts simulates the site's hosts. It fails only if ctx has ended.
func (s *site) Hosts(ctx context.Context) (*availability.Report, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	now := thisHour(s.now())
	return report(s.id, s.nodes(s.id), now, now), nil
}

// Past simulates a site's hosts with the reservations of a time before, too, until now.
func Past(site string, nodes []string, since, now time.Time) *availability.Report {
	return report(site, nodes, thisHour(since), thisHour(now))
}

// report has the reservations that had not ended at a time, and that were made by another.
func report(site string, nodes []string, since, now availability.Time) *availability.Report {
	report := &availability.Report{}
	for _, node := range nodes {
		character := random(site, node).IntN(100)
		if character < 2 {
			continue
		}

		host := availability.Host{Node: node, Kept: random(site, node, "some").IntN(100) < 5}
		if character < 5 {
			host.Maintenance = true
		} else if character >= 20 {
			host.Reservations = leases(since, now, site, node)
		}

		// As with Blazar, some free hosts have a row, and some have none.
		if len(host.Reservations) > 0 || random(site, node, "row").IntN(2) == 0 {
			report.Rows++
		}

		report.Hosts = append(report.Hosts, host)
	}

	return report
}

// thisHour is when the hour began, so that all syncs in an hour agree.
func thisHour(now time.Time) availability.Time { return availability.At(now.Truncate(time.Hour)) }

// random is a sequence that depends on names alone.
func random(names ...string) *rand.Rand {
	h := fnv.New128a()
	for _, name := range names {
		_, _ = h.Write([]byte(name)) // a hash takes everything
		_, _ = h.Write([]byte{0})
	}

	sum := h.Sum(nil)
	var seed [32]byte
	copy(seed[:], sum)

	return rand.New(rand.NewChaCha8(seed))
}

// leases are those of a thing that had not ended at a time and are made by now, by start.
func leases(since, now availability.Time, names ...string) (found []availability.Interval) {
	r := random(names...)
	shift := availability.Time(r.IntN(int(part/hour))) * hour // not all parts begin at once
	load := 2 + r.IntN(7)                                     // of 10, how much of the time is reserved

	// One part before, too: division is not towards the past before 1970.
	for n := (since-shift)/part - 1; n*part+shift < now+ahead; n++ {
		r := random(append(names, "part", strconv.FormatInt(int64(n), 10))...)
		for at := n*part + shift; ; {
			length := leaseLength(r)
			gap := max(1, availability.Time(r.ExpFloat64()*float64(length/hour)*float64(10-load)/float64(load))) * hour
			made := availability.Time(1+r.IntN(int(ahead/hour))) * hour // before its start
			lease := availability.Interval{Start: at + gap, End: at + gap + length}
			if lease.End > (n+1)*part+shift {
				break
			}

			if lease.End > since && lease.Start-made <= now {
				found = append(found, lease)
			}

			at = lease.End
		}
	}

	return found
}

// leaseLength is from four hours to seven days: short ones, days, and weeks.
func leaseLength(r *rand.Rand) availability.Time {
	switch r.IntN(4) {
	case 0:
		return availability.Time(4+r.IntN(9)) * hour
	case 1:
		return 7 * 24 * hour
	}
	return availability.Time(1+r.IntN(6)) * 24 * hour
}
