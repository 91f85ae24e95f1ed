package blazar_test

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

const bigReservations = 20

// bigCloud is a cloud of so many hosts with 20 reservations each: 10,000 are 40
// MB.
func bigCloud(t *testing.T, bigHosts int) *blazartest.Cloud {
	t.Helper()
	var hosts, allocations bytes.Buffer
	hosts.WriteString(`{"hosts":[`)
	allocations.WriteString(`{"allocations":[`)
	var row []string

	for day := range bigReservations {
		row = append(row,
			fmt.Sprintf(`{"id": "0f8a2a3c-6f5d-4bd8-a5f4-%012d", "lease_id": "9e2d6f2c-9b0a-4b3e-8d5e-%012d", `+
				`"start_date": "2030-01-%02dT00:00:00.000000", "end_date": "2030-01-%02dT01:00:00.000000"}`, day, day,
				day+1, day+1))
	}

	reservations := strings.Join(row, ", ")
	for i := range bigHosts {
		if i > 0 {
			hosts.WriteByte(',')
			allocations.WriteByte(',')
		}
		fmt.Fprintf(&hosts,
			`{"id": "%d", "hypervisor_hostname": "0c142ce9-1d33-49ff-b00d-%012d", "reservable": true, `+
				`"disabled": false, "created_at": "2020-01-01 00:00:00", "updated_at": null, "vcpus": 0, `+
				`"memory_mb": 0, "local_gb": 0, "cpu_info": "", "node_type": "compute_skylake", `+
				`"service_name": "ironic", "uid": "0c142ce9-1d33-49ff-b00d-%012d", `+
				`"placement.node": "nc01", "trust_id": null}`, i, i, i)
		fmt.Fprintf(&allocations, `{"resource_id": "%d", "reservations": [%s]}`, i, reservations)
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

func TestTenThousandHosts(t *testing.T) {
	t.Parallel()
	const n = 10_000
	report, err := newClient(t, bigCloud(t, n)).Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if len(report.Hosts) != n || report.Rows != n || len(report.Warnings) != 0 {
		t.Errorf("%d hosts, %d rows, %q", len(report.Hosts), report.Rows, report.Warnings)
	}

	for _, h := range report.Hosts {
		if len(h.Reservations) != bigReservations {
			t.Fatalf("%s has %d reservations", h.Node, len(h.Reservations))
		}
	}
}

// Little of an answer stays in memory: its times, and the list of hosts for the
// next calls. The text itself is a third of what is allocated. Not parallel: it looks at the heap.
func TestMemory(t *testing.T) {
	const n = 500
	c := newClient(t, bigCloud(t, n))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	report, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(report)
	kept, allocated := int64(after.HeapAlloc)-int64(before.HeapAlloc), after.TotalAlloc-before.TotalAlloc
	t.Logf("for each reservation %d bytes are kept of %d allocated", kept/n/bigReservations,
		allocated/n/bigReservations)

	if kept > n*bigReservations*50 || allocated > n*bigReservations*750 {
		t.Errorf("%d bytes are kept of %d allocated", kept, allocated)
	}
}
