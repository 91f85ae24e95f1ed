package blazartest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Role is whom a token is of, for Blazar.
type Role int

// The roles. Readers get reservations without what is secret about leases.
const (
	Reader Role = iota
	Admin
)

// Flavor is what Nova and Blazar know of a flavor.
type Flavor struct {
	ID, Name string
	// Entries are Blazar's flavor_instances.
	Entries []any
}

// Data is what a server knows. Rows are anything that encodes to JSON.
type Data struct {
	Hosts []any
	// Deleted are ids of hosts that are deleted while Blazar lists them: it gives
	// null for them, and their allocations as before.
	Deleted []any
	// Leases are what allocations are made from: a row for every host, hosts by id,
	// their reservations in an order that does not depend on time, without those
	// that are over.
	Leases []Lease
	// Allocations are given as they are in place of the Leases, where they are not
	// nil, and hosts in their order.
	Allocations []any
	Role        Role
	Upstream    bool // Blazar's own branch, not Chameleon's
	// NoFlavorInstances is a Blazar that cannot tell the availability of flavors.
	NoFlavorInstances bool
	Flavors           []Flavor
	Now               func() time.Time // nil is time.Now
}

// hosts are the rows of os-hosts.
func (d *Data) hosts() []any {
	rows := slices.Clone(d.Hosts)
	if d.Allocations == nil {
		slices.SortStableFunc(rows, func(a, b any) int { return cmp.Compare(idOf(a), idOf(b)) })
	}

	for i, h := range rows {
		for _, id := range d.Deleted {
			if h != nil && idOf(h) == fmt.Sprint(id) {
				rows[i] = nil
			}
		}
	}

	return list(rows)
}

// allocations are the rows of os-hosts/allocations, with the reservations that a
// query asks for.
func (d *Data) allocations(r *http.Request) []any {
	rows := d.Allocations
	if rows == nil {
		rows = d.derived()
	}

	lease, reservation := r.FormValue("lease_id"), r.FormValue("reservation_id")
	if lease == "" && reservation == "" {
		return list(rows)
	}

	filtered := []any{}
	for _, row := range rows {
		if a, ok := row.(Row); ok {
			kept := []any{}
			reservations, _ := a["reservations"].([]any)
			for _, one := range reservations {
				if v, ok := one.(Row); ok && (lease == "" || v["lease_id"] == lease) &&
					(reservation == "" || v["id"] == reservation) {
					kept = append(kept, v)
				}
			}

			row = Row{"resource_id": a["resource_id"], "reservations": kept}
		}
		filtered = append(filtered, row)
	}

	return filtered
}

// derived are the rows that the leases make.
func (d *Data) derived() []any {
	now := time.Now()
	if d.Now != nil {
		now = d.Now()
	}

	hosts := slices.Clone(d.Hosts)
	slices.SortStableFunc(hosts, func(a, b any) int { return cmp.Compare(idOf(a), idOf(b)) })
	rows := []any{}

	for _, h := range hosts {
		row, ok := h.(Row)
		if !ok {
			continue
		}

		reservations := []any{}
		for _, l := range d.Leases {
			held := slices.ContainsFunc(l.Hosts, func(id any) bool { return fmt.Sprint(id) == idOf(row) })
			if held && !l.End.Before(now) {
				reservations = append(reservations, l.row(d.Role, d.Upstream))
			}
		}

		slices.SortFunc(reservations, func(a, b any) int { return cmp.Compare(idOf(a), idOf(b)) })
		rows = append(rows, Allocation(row["id"], reservations...))
	}

	return rows
}

// idOf is a row's id as text.
func idOf(row any) string {
	if r, ok := row.(Row); ok {
		return fmt.Sprint(r["id"])
	}
	return ""
}

// list is never null.
func list(rows []any) []any {
	if rows == nil {
		return []any{}
	}
	return rows
}

// get answers a GET, if there is such a path.
func (d *Data) get(w http.ResponseWriter, r *http.Request, path string) (found bool) {
	switch {
	case path == Hosts:
		respond(w, http.StatusOK, Row{"hosts": d.hosts()})
	case path == Allocations, path == Allocations+".json":
		respond(w, http.StatusOK, Row{"allocations": d.allocations(r)})
	case path == FlavorAvailability && !d.NoFlavorInstances:
		entries := []any{}
		for _, f := range d.Flavors {
			if f.ID == r.FormValue("flavor_id") {
				entries = list(f.Entries)
			}
		}
		respond(w, http.StatusOK, Row{"flavor_instances": entries})

	case strings.HasPrefix(path, Hosts+"/"):
		return d.getHost(w, r, strings.TrimPrefix(path, Hosts+"/"))
	default:
		return false
	}
	return true
}

// getHost answers os-hosts/ID and os-hosts/ID/allocation.
func (d *Data) getHost(w http.ResponseWriter, r *http.Request, rest string) (found bool) {
	id, what, deeper := strings.Cut(rest, "/")
	if id == "" || deeper && what != "allocation" {
		return false
	}

	if deeper {
		for _, row := range d.allocations(r) {
			if a, ok := row.(Row); ok && fmt.Sprint(a["resource_id"]) == id {
				respond(w, http.StatusOK, Row{"allocation": withoutExtras(a)})
				return true
			}
		}
	} else {
		for _, h := range d.Hosts {
			if row, ok := h.(Row); ok && idOf(row) == id {
				respond(w, http.StatusOK, Row{"host": row})
				return true
			}
		}
	}

	BlazarError(http.StatusNotFound, "Object with {'host_id': '"+id+"'} not found")(w, r)
	return true
}

// withoutExtras is how Blazar gives the allocations of one host.
func withoutExtras(allocation Row) Row {
	kept := []any{}
	reservations, _ := allocation["reservations"].([]any)
	for _, one := range reservations {
		if r, ok := one.(Row); ok {
			r = maps.Clone(r)
			delete(r, "extras")
			kept = append(kept, r)
		}
	}

	return Row{"resource_id": allocation["resource_id"], "reservations": kept}
}

// postLease answers that a lease cannot be had, which is a 500 that names the
// project.
func postLease(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Reservations []struct{ Min, Max int }
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil || len(asked.Reservations) == 0 {
		BlazarError(http.StatusBadRequest, "Malformed request")(w, r)
		return
	}

	one := asked.Reservations[0]
	BlazarError(http.StatusInternalServerError, fmt.Sprintf("Not enough resources available with query "+
		"{'resource_type': 'physical:host', 'min': %d, 'max': %d, 'project_id': '%s', 'count_range': '%d-%d'}",
		one.Min, one.Max, SecretProject, one.Min, one.Max))(w, r)
}

// serveFlavors is Nova: it answers in pages of two, as with a low limit.
func (d *Data) serveFlavors(w http.ResponseWriter, r *http.Request) {
	rest := d.Flavors
	if marker := r.FormValue("marker"); marker != "" {
		for i, f := range d.Flavors {
			if f.ID == marker {
				rest = d.Flavors[i+1:]
			}
		}
	}

	answer := map[string]any{}
	if len(rest) > 2 {
		rest = rest[:2]
		answer["flavors_links"] = []any{map[string]any{"rel": "next", "href": r.URL.Path + "?marker=" + rest[1].ID}}
	}

	flavors := []any{}
	for _, f := range rest {
		flavors = append(flavors, map[string]any{"id": f.ID, "name": f.Name, "links": []any{}})
	}

	answer["flavors"] = flavors
	write(w, http.StatusOK, answer)
}
