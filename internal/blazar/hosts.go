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

// hostList is what os-hosts says. It does not change once it is read.
type hostList struct {
	max      int             // rows
	rows     int             // also of what is skipped
	hosts    []host          // by node, no node twice
	ids      map[string]bool // of all rows, also of those that hosts lacks
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
		// Blazar reads the list of ids first, and then each host.
		l.warnings.add("hosts that are null, deleted while Blazar listed them", "")
		return nil
	case first != json.Delim('{'):
		l.warnings.add("hosts that are not objects", "")
		return nil
	}

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

// projects says whether a host's authorized_projects name any. Blazar gives
// them as one text, with commas between ids. The ids are not kept.
type projects bool

func (p *projects) UnmarshalJSON(src []byte) error {
	var one string
	var many []string
	if json.Unmarshal(src, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(src, &many) != nil {
		many = nil // of another kind
	}

	*p = projects(slices.ContainsFunc(many, func(ids string) bool { return strings.Trim(ids, ", \t\n") != "" }))
	return nil
}

// add takes a host in. It is in maintenance when reservable is false or null,
// or disabled is true.
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

// sortHosts orders hosts by node. Of two with one name the later counts.
func (l *hostList) sortHosts() {
	l.ids = make(map[string]bool, len(l.hosts))
	for _, h := range l.hosts {
		l.ids[h.id] = true
	}

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

// join gives each host its reservations. Rows of hosts that are not there are
// passed over.
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
