package blazartest

import (
	"fmt"
	"net/http"
	"strings"
)

// Row is an object of Blazar's. Members can be added and changed, to odd values
// too.
type Row map[string]any

// Host makes a row of os-hosts, as Chameleon's Blazar gives it.
func Host(id any, node string) Row {
	return Row{
		"id": id, "hypervisor_hostname": node, "reservable": true, "disabled": false,
		"created_at": "2020-01-01 00:00:00", "updated_at": nil, "hypervisor_type": "ironic", "node_type": "compute_skylake",
		"memory_mb": 0, "vcpus": 0, "service_name": "ironic-host", "trust_id": "4d1f8a1dd5d0d9c94f04a3e04fbbb2ca",
	}
}

// Reservation makes one of an allocation, as an admin gets it.
func Reservation(start, end any) Row {
	return Row{
		"id": "0f8a2a3c-6f5d-4bd8-a5f4-4d1d4b3a7b10", "lease_id": "9e2d6f2c-9b0a-4b3e-8d5e-3e8f5d6c7b8a",
		"start_date": start, "end_date": end,
		"lease_name": SecretLease, "project_id": SecretProject, "extras": map[string]any{"lease_name": SecretLease},
	}
}

// What admins get and nobody else may see.
const (
	SecretLease   = "lease-of-nobody"
	SecretProject = "5ec4e7b0a9d84c3f8e21d7c6b5a49382"
)

// Allocation makes a row of os-hosts/allocations.
func Allocation(id any, reservations ...any) Row {
	if reservations == nil {
		reservations = []any{}
	}
	return Row{"resource_id": id, "reservations": reservations}
}

// Flavor is what Nova and Blazar know of a flavor.
type Flavor struct {
	ID, Name string
	// Entries are Blazar's flavor_instances.
	Entries []any
}

// Data is what a server knows. Rows are anything that encodes to JSON.
type Data struct {
	Hosts       []any
	Allocations []any
	Flavors     []Flavor
}

func (d *Data) serve(w http.ResponseWriter, r *http.Request, path string) {
	switch {
	case path == Hosts:
		write(w, http.StatusOK, map[string]any{"hosts": list(d.Hosts)})
	case path == Allocations:
		write(w, http.StatusOK, map[string]any{"allocations": list(d.Allocations)})
	case path == FlavorAvailability:
		entries := []any{}
		for _, f := range d.Flavors {
			if f.ID == r.FormValue("flavor_id") {
				entries = list(f.Entries)
			}
		}
		write(w, http.StatusOK, map[string]any{"flavor_instances": entries})
	case path == Flavors:
		d.serveFlavors(w, r)
	default:
		d.serveHost(w, r, path)
	}
}

// list is never null.
func list(rows []any) []any {
	if rows == nil {
		return []any{}
	}
	return rows
}

func (d *Data) serveHost(w http.ResponseWriter, r *http.Request, path string) {
	id, ok := strings.CutPrefix(path, Hosts+"/")
	if !ok {
		BlazarError(http.StatusNotFound, "NotFound", "The requested URL was not found on the server.")(w, r)
		return
	}
	for _, h := range d.Hosts {
		if row, ok := h.(Row); ok && fmt.Sprint(row["id"]) == id {
			write(w, http.StatusOK, map[string]any{"host": row})
			return
		}
	}
	BlazarError(http.StatusNotFound, "HostNotFound", "Host with id '"+id+"' not found!")(w, r)
}

// serveFlavors answers in pages of two, as Nova with a low limit does.
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
