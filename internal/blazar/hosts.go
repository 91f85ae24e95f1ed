package blazar

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
)

// host is a row of os-hosts.
type host struct {
	id          string
	maintenance bool
	byFlavor    bool // see [hardware.ByFlavor]
	kept        bool // for some projects
}

// hostList is the response of os-hosts. It does not change after it was read.
type hostList struct {
	max      int // of rows
	rows     int // including skipped ones
	byNode   map[string]host
	ids      map[string]bool // of all valid rows, including duplicates
	warnings warnings
}

func (l *hostList) read(r io.Reader) error {
	l.byNode, l.ids = map[string]host{}, map[string]bool{}
	return readRows(r, "hosts", l.add)
}

// add stores a row. Its members are matched by their exact names, other than those of
// a struct, where encoding/json would take an extra property "Disabled" for "disabled".
// Of two rows of one node the last wins.
func (l *hostList) add(row any) error {
	if l.rows++; l.rows > l.max {
		return tooMany(l.max, "hosts", "max_hosts")
	}

	members, ok := row.(map[string]any)
	id, node := toText(members["id"]), toText(members["hypervisor_hostname"])
	switch {
	case row == nil:
		// Blazar reads the ids first, and then host by host.
		l.warnings.add("hosts that are null, deleted while Blazar listed them", "")
		return nil
	case !ok:
		l.warnings.add("hosts that are not objects", "")
		return nil
	case node == "":
		l.warnings.add("hosts without hypervisor_hostname", "with id "+describe(id))
		return nil
	case len(node) > maxName || len(id) > maxName:
		l.warnings.add(fmt.Sprintf("hosts whose name or id is longer than %d bytes", maxName), describe(node))
		return nil
	case id == "":
		l.warnings.add("hosts without id, whose reservations are unknown", node)
	}

	if _, again := l.byNode[node]; again {
		l.warnings.add("duplicate hosts, using the last", node)
	}

	reservable := l.flag(members, "reservable", node, true)
	disabled := l.flag(members, "disabled", node, false)
	l.ids[id] = true
	l.byNode[node] = host{
		id: id, maintenance: disabled || !reservable,
		byFlavor: hardware.ByFlavor(toText(members["lease_mode"]), toText(members["node_mode"])),
		kept:     hasProjects(members["authorized_projects"]),
	}

	return nil
}

// flag reads a bool of a host, which may be a word: Blazar's extra properties are
// strings, and one may have the name of a member. null means false.
func (l *hostList) flag(members map[string]any, name, node string, missing bool) bool {
	v, ok := members[name]
	if !ok {
		return missing
	}

	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		if yes, err := strconv.ParseBool(strings.ToLower(v)); err == nil {
			return yes
		}
	}

	l.warnings.add(fmt.Sprintf("unreadable values of %s, taken as %t", name, missing), describe(v)+" of "+node)
	return missing
}

// hasProjects reports whether a host's authorized_projects name any. Blazar writes them
// as one string of ids with commas. The ids are confidential, and not kept.
func hasProjects(v any) bool {
	many, ok := v.([]any)
	if !ok {
		many = []any{v}
	}
	return slices.ContainsFunc(many, func(ids any) bool { return strings.Trim(toText(ids), ", \t\n") != "" })
}

// join makes a report of hosts and their reservations. Rows of unknown hosts are
// skipped.
func join(l *hostList, rows *allocationList) *availability.Report {
	report := &availability.Report{Hosts: make([]availability.Host, 0, len(l.byNode))}
	for _, node := range slices.Sorted(maps.Keys(l.byNode)) {
		h := l.byNode[node]
		reservations, ok := rows.byHost[h.id]
		if ok {
			report.Rows++
		}
		report.Hosts = append(report.Hosts, availability.Host{
			Node: node, Maintenance: h.maintenance, ByFlavor: h.byFlavor, Kept: h.kept, Reservations: reservations,
		})
	}

	for _, id := range slices.Sorted(maps.Keys(rows.byHost)) {
		if !l.ids[id] {
			rows.warnings.add("allocations of unknown hosts", "of id "+describe(id))
		}
	}

	report.Warnings = slices.Concat(l.warnings.all, rows.warnings.all)
	return report
}
