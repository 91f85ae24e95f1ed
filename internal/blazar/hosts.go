package blazar

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// host is a row of os-hosts.
type host struct {
	id, node    string
	maintenance bool
}

// hostList is what os-hosts says.
type hostList struct {
	hosts []host
	odd   oddities
}

func (l *hostList) read(r io.Reader) error {
	return document(r, "hosts", func(dec *json.Decoder) error {
		var id, node, reservable, disabled any = nil, nil, true, nil
		isObject, err := object(dec, func(name string) (err error) {
			switch name {
			case "id":
				id, err = scalar(dec)
			case "hypervisor_hostname":
				node, err = scalar(dec)
			case "reservable":
				reservable, err = scalar(dec)
			case "disabled":
				disabled, err = scalar(dec)
			default:
				err = skip(dec)
			}
			return err
		})
		if err != nil {
			return err
		}
		if !isObject {
			l.odd.add("hosts that are no objects", "")
			return nil
		}
		l.add(host{id: text(id), node: text(node)}, reservable, disabled)
		return nil
	})
}

// add takes a host in. It is in maintenance when reservable is false or null,
// or disabled is true.
func (l *hostList) add(h host, reservable, disabled any) {
	if h.node == "" {
		l.odd.add("hosts without hypervisor_hostname", "with id "+shown(h.id))
		return
	}
	if h.id == "" {
		l.odd.add("hosts without id, whose reservations are unknown", h.node)
	}
	if reservable == nil {
		h.maintenance = true
	} else if yes, ok := truth(reservable); ok {
		h.maintenance = !yes
	} else {
		l.odd.add("values of reservable taken for true", shown(reservable)+" of "+h.node)
	}
	if disabled != nil {
		if yes, ok := truth(disabled); ok {
			h.maintenance = h.maintenance || yes
		} else {
			l.odd.add("values of disabled taken for false", shown(disabled)+" of "+h.node)
		}
	}
	l.hosts = append(l.hosts, h)
}

// join gives each host its reservations. Of two hosts with one name the later
// counts; rows of hosts that are not there are passed over.
func join(l *hostList, rows *allocationList) *availability.Inventory {
	slices.Reverse(l.hosts)
	slices.SortStableFunc(l.hosts, func(a, b host) int { return strings.Compare(a.node, b.node) })
	inv := &availability.Inventory{Hosts: make([]availability.Host, 0, len(l.hosts))}
	known := make(map[string]bool, len(l.hosts))
	for i, h := range l.hosts {
		known[h.id] = true
		if i > 0 && l.hosts[i-1].node == h.node {
			l.odd.add("hosts given again, of which the last counts", h.node)
			continue
		}
		reservations, ok := rows.byHost[h.id]
		if ok && h.id != "" {
			inv.Rows++
		}
		inv.Hosts = append(inv.Hosts, availability.Host{Node: h.node, Maintenance: h.maintenance, Reservations: reservations})
	}
	for _, id := range rows.order {
		if !known[id] {
			rows.odd.add("allocations of hosts that are not there", "of id "+shown(id))
		}
	}
	inv.Odd = append(l.odd.lines(), rows.odd.lines()...)
	return inv
}
