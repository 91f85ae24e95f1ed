package blazar_test

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/blazartest"
)

const bigHosts, bigReservations = 10_000, 20

// bigCloud is a cloud of 10,000 hosts with 20 reservations each: 40 MB.
func bigCloud(t *testing.T) *blazartest.Cloud {
	t.Helper()
	var hosts, allocations bytes.Buffer
	hosts.WriteString(`{"hosts":[`)
	allocations.WriteString(`{"allocations":[`)
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range bigHosts {
		if i > 0 {
			hosts.WriteByte(',')
			allocations.WriteByte(',')
		}
		fmt.Fprintf(&hosts, `{"id": "%d", "hypervisor_hostname": "0c142ce9-1d33-49ff-b00d-%012d", "reservable": true, "disabled": false, "created_at": "2020-01-01 00:00:00", "updated_at": null, "vcpus": 0, "memory_mb": 0, "local_gb": 0, "cpu_info": "", "node_type": "compute_skylake", "service_name": "ironic", "uid": "0c142ce9-1d33-49ff-b00d-%012d", "placement.node": "nc01", "trust_id": null}`, i, i, i)
		fmt.Fprintf(&allocations, `{"resource_id": "%d", "reservations": [`, i)
		for r := range bigReservations {
			if r > 0 {
				allocations.WriteString(", ")
			}
			from := start.AddDate(0, 0, r)
			fmt.Fprintf(&allocations, `{"id": "0f8a2a3c-6f5d-4bd8-a5f4-%012d", "lease_id": "9e2d6f2c-9b0a-4b3e-8d5e-%012d", "start_date": "%s", "end_date": "%s"}`,
				r, r, from.Format("2006-01-02T15:04:05.000000"), from.Add(time.Hour).Format("2006-01-02T15:04:05.000000"))
		}
		allocations.WriteString("]}")
	}
	hosts.WriteString("]}")
	allocations.WriteString("]}")
	t.Logf("%d MB of hosts, %d MB of allocations", hosts.Len()>>20, allocations.Len()>>20)
	send := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write(b) } // the client may have gone
	}
	cloud := blazartest.NewCloud(t)
	cloud.Fail(blazartest.Hosts, send(hosts.Bytes()))
	cloud.Fail(blazartest.Allocations, send(allocations.Bytes()))
	return cloud
}

// 10,000 hosts with 200,000 reservations are taken in for little memory. Not
// parallel: it looks at the heap.
func TestTenThousandHosts(t *testing.T) {
	cloud := bigCloud(t)
	c := newClient(t, cloud)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	started := time.Now()
	inv, err := c.Hosts(t.Context())
	took := time.Since(started)
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Hosts) != bigHosts || inv.Rows != bigHosts || len(inv.Odd) != 0 {
		t.Errorf("%d hosts, %d rows, %q", len(inv.Hosts), inv.Rows, inv.Odd)
	}
	for _, h := range inv.Hosts {
		if len(h.Reservations) != bigReservations || cap(h.Reservations) > bigReservations+4 {
			t.Fatalf("%s has %d reservations in %d", h.Node, len(h.Reservations), cap(h.Reservations))
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(inv)
	kept, allocated := int64(after.HeapAlloc)-int64(before.HeapAlloc), after.TotalAlloc-before.TotalAlloc
	t.Logf("%v; %d kB kept; %d MB and %d objects allocated", took, kept>>10, allocated>>20, after.Mallocs-before.Mallocs)
	if kept > 8<<20 || allocated > 96<<20 {
		t.Errorf("%d bytes are kept of %d allocated", kept, allocated)
	}
}
