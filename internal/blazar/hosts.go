package blazar

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
)

// host is a row of os-hosts.
type host struct {
	id, node    string
	maintenance bool
	byFlavor    bool // see [hardware.ByFlavor]
	kept        bool // for some projects
}

// hostList is the response of os-hosts. It does not change after it was read.
type hostList struct {
	max      int             // of rows
	rows     int             // including skipped ones
	hosts    []host          // sorted by node, without duplicates
	ids      map[string]bool // of all valid rows, including duplicates
	warnings warnings
}

func (l *hostList) read(r io.Reader) error {
	err := readDocument(r, "hosts", l.row)
	l.sortHosts()
	return err
}

func (l *hostList) row(dec *json.Decoder) error {
	if l.rows++; l.rows > l.max {
		return tooManyError(l.max, "hosts", "max_hosts")
	}

	first, err := openValue(dec, '{')
	switch {
	case err != nil:
		return err
	case first == nil:
		// Blazar reads the ids first, and then host by host.
		l.warnings.add("hosts that are null, deleted while Blazar listed them", "")
		return nil
	case first != json.Delim('{'):
		l.warnings.add("hosts that are not objects", "")
		return nil
	}

	// A missing reservable means true, other than null, which means false.
	var id, node, reservable, disabled any = nil, nil, true, nil
	var leaseMode, nodeMode any
	var kept projects
	err = readMembers(dec, func(name string) (err error) {
		switch name {
		case "id":
			id, err = readScalar(dec)
		case "hypervisor_hostname":
			node, err = readScalar(dec)
		case "reservable":
			reservable, err = readScalar(dec)
		case "disabled":
			disabled, err = readScalar(dec)
		case "lease_mode":
			leaseMode, err = readScalar(dec)
		case "node_mode":
			nodeMode, err = readScalar(dec)
		case "authorized_projects":
			err = dec.Decode(&kept)
		default:
			err = skip(dec)
		}
		return err
	})
	if err != nil {
		return err
	}

	h := host{id: toText(id), node: toText(node), byFlavor: hardware.ByFlavor(toText(leaseMode), toText(nodeMode)),
		kept: bool(kept)}
	l.add(h, reservable, disabled)
	return nil
}

// projects is whether a host's authorized_projects name any. Blazar writes them as one
// string of ids with commas. The ids are confidential, and not kept.
type projects bool

func (p *projects) UnmarshalJSON(src []byte) error {
	var one string
	var many []string
	if json.Unmarshal(src, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(src, &many) != nil {
		many = nil // not in a known format
	}

	*p = projects(slices.ContainsFunc(many, func(ids string) bool { return strings.Trim(ids, ", \t\n") != "" }))
	return nil
}

// add adds a host. It is in maintenance if reservable is false or null, or if disabled
// is true.
func (l *hostList) add(h host, reservable, disabled any) {
	if h.node == "" {
		l.warnings.add("hosts without hypervisor_hostname", "with id "+describe(h.id))
		return
	}
	if len(h.node) > maxName || len(h.id) > maxName {
		l.warnings.add(fmt.Sprintf("hosts whose name or id is longer than %d bytes", maxName), describe(h.node))
		return
	}

	if h.id == "" {
		l.warnings.add("hosts without id, whose reservations are unknown", h.node)
	}

	if reservable == nil {
		h.maintenance = true
	} else if yes, ok := parseBool(reservable); ok {
		h.maintenance = !yes
	} else {
		l.warnings.add("unreadable values of reservable, taken as true", describe(reservable)+" of "+h.node)
	}

	if disabled != nil {
		if yes, ok := parseBool(disabled); ok {
			h.maintenance = h.maintenance || yes
		} else {
			l.warnings.add("unreadable values of disabled, taken as false", describe(disabled)+" of "+h.node)
		}
	}

	l.hosts = append(l.hosts, h)
}

// sortHosts sorts hosts by node. Of several with one name the last wins.
func (l *hostList) sortHosts() {
	l.ids = make(map[string]bool, len(l.hosts))
	for _, h := range l.hosts {
		l.ids[h.id] = true
	}

	// CompactFunc keeps the first of a run: reversed, that is the last one.
	slices.Reverse(l.hosts)
	slices.SortStableFunc(l.hosts, func(a, b host) int { return strings.Compare(a.node, b.node) })
	l.hosts = slices.CompactFunc(l.hosts, func(a, b host) bool {
		again := a.node == b.node
		if again {
			l.warnings.add("duplicate hosts, using the last", b.node)
		}
		return again
	})
}

// join makes a report of hosts and their reservations. Rows of unknown hosts are
// skipped.
func join(l *hostList, rows *allocationList) *availability.Report {
	report := &availability.Report{Hosts: make([]availability.Host, 0, len(l.hosts))}
	for _, h := range l.hosts {
		reservations, ok := rows.byHost[h.id]
		if ok && h.id != "" {
			report.Rows++
		}
		report.Hosts = append(report.Hosts, availability.Host{
			Node: h.node, Maintenance: h.maintenance, ByFlavor: h.byFlavor, Kept: h.kept, Reservations: reservations,
		})
	}

	for _, id := range rows.order {
		if !l.ids[id] {
			rows.warnings.add("allocations of unknown hosts", "of id "+describe(id))
		}
	}

	report.Warnings = slices.Concat(l.warnings.all, rows.warnings.all)
	return report
}
