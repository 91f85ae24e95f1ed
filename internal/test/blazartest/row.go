package blazartest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Row is an object of Blazar's. Members can be added and changed, to odd values
// too. Blazar's own members are written in its order, and behind them those that
// operators have added, in one that differs from host to host.
type Row map[string]any

// Blazar's own members, in the order in which it writes them: those of hosts, and
// those of all else.
var (
	hostMembers = []string{
		"created_at", "updated_at", "id", "vcpus", "cpu_info", "hypervisor_type", "hypervisor_version", "hypervisor_hostname",
		"service_name", "memory_mb", "local_gb", "status", "availability_zone", "trust_id", "reservable", "disabled",
	}
	otherMembers = []string{
		"resource_id", "reservations", "id", "status", "lease_id", "start_date", "end_date", "lease_name", "project_id", "extras",
		"error", "error_code", "error_message", "error_name", "message", "code", "title",
	}
)

// MarshalJSON implements [json.Marshaler].
func (r Row) MarshalJSON() ([]byte, error) {
	order := otherMembers
	if _, ok := r["hypervisor_hostname"]; ok {
		order = hostMembers
	}

	names := slices.SortedFunc(maps.Keys(r), func(a, b string) int {
		i, j := slices.Index(order, a), slices.Index(order, b)
		switch {
		case i < 0 && j < 0:
			return cmp.Compare(UUID(fmt.Sprint(r["id"], a)), UUID(fmt.Sprint(r["id"], b)))
		case i < 0:
			return 1
		case j < 0:
			return -1
		}

		return i - j
	})

	var out bytes.Buffer
	out.WriteByte('{')

	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}

		key, err := encode(name)
		if err != nil {
			return nil, err
		}

		value, err := encode(r[name])
		if err != nil {
			return nil, err
		}

		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}

	out.WriteByte('}')
	return out.Bytes(), nil
}

// encode writes JSON without escapes for HTML, as Python does.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// Host makes a row of os-hosts, as Chameleon's Blazar gives it.
func Host(id any, node string) Row {
	return Row{
		"created_at": "2020-01-01 00:00:00", "updated_at": nil, "id": id, "vcpus": 0, "cpu_info": "",
		"hypervisor_type": "ironic", "hypervisor_version": 1, "hypervisor_hostname": node, "service_name": "ironic-host",
		"memory_mb": 0, "local_gb": 0, "status": nil, "availability_zone": "nova", "trust_id": UUID("trust " + node),
		"reservable": true, "disabled": false,
		"node_type": "compute_skylake", "uid": node,
	}
}

// Reservation makes one of an allocation, as an admin gets it.
func Reservation(start, end any) Row {
	return Row{
		"id": "0f8a2a3c-6f5d-4bd8-a5f4-4d1d4b3a7b10", "status": "pending", "lease_id": "9e2d6f2c-9b0a-4b3e-8d5e-3e8f5d6c7b8a",
		"start_date": start, "end_date": end,
		"lease_name": SecretLease, "project_id": SecretProject, "extras": map[string]any{"user_name": SecretUser},
	}
}

// What admins get and nobody else may see.
const (
	SecretLease   = "lease-of-nobody"
	SecretProject = "5ec4e7b0a9d84c3f8e21d7c6b5a49382"
	SecretUser    = "nobody@example.org"
)

// Allocation makes a row of os-hosts/allocations.
func Allocation(id any, reservations ...any) Row {
	if reservations == nil {
		reservations = []any{}
	}
	return Row{"resource_id": id, "reservations": reservations}
}

// Lease is a lease of hosts, from which their allocations are made.
type Lease struct {
	ID          string // "" is made from the name
	Reservation string // the reservation's id, "" is made from the lease's
	Name        string
	Status      string // of the reservation: pending, active, error; "" is pending
	Hosts       []any  // ids
	Start, End  time.Time
}

// row is the reservation of a lease, as who asks gets it.
func (l Lease) row(who Role, upstream bool) Row {
	lease, id := l.ID, l.Reservation
	if lease == "" {
		lease = UUID("lease " + l.Name)
	}
	if id == "" {
		id = UUID("reservation " + lease)
	}

	r := Row{"id": id, "lease_id": lease, "start_date": stamp(l.Start), "end_date": stamp(l.End)}
	if upstream {
		return r
	}

	r["extras"] = Row{}
	if who == Admin {
		r["status"], r["lease_name"], r["project_id"] = l.Status, l.Name, SecretProject
		if l.Status == "" {
			r["status"] = "pending"
		}
	}

	return r
}

// stamp writes a time as Blazar does: six digits, no zone.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

// UUID makes an id from a text.
func UUID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-4%x-a%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])[:36]
}
