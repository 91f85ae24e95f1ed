package blazartest_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// ask asks a server with any token.
func ask(t *testing.T, s *blazartest.Server, method, path string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, strings.TrimSuffix(s.URL, "/v1")+path, nil)
	if err != nil {
		t.Fatal(err)
	}

	req.Header.Set("X-Auth-Token", "any")
	req.Header.Set("Accept", "*/*")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	return resp, string(body)
}

// What was seen of a real Blazar beside the recorded answers.
func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := blazartest.Start(t, "")
	s.Set(blazartest.Data{Hosts: []any{blazartest.Host("1", "a")}, NoFlavorInstances: true})

	for _, test := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{method: "GET", path: "/", status: 300, kind: "application/json"},
		{method: "GET", path: "/versions", status: 300, kind: "application/json"},
		{method: "HEAD", path: "/v1/os-hosts", status: 200, kind: "application/json"},
		{method: "OPTIONS", path: "/v1/os-hosts", status: 200, kind: "text/html; charset=utf-8"},
		{method: "GET", path: "/v1/os-hosts/", status: 404, kind: "application/json"},
		{method: "GET", path: "/v1/os-hosts.json", status: 404, kind: "application/json"},
		{method: "GET", path: "/v1/os-hosts/allocations.json", status: 200, kind: "application/json"},
		{method: "GET", path: "/v1/os-hosts/1", status: 200, kind: "application/json"},
		{method: "GET", path: "/v1/os-hosts/2", status: 404, kind: "application/json"},
		{method: "GET", path: "/v1/os-hosts/1/allocation", status: 200, kind: "application/json"},
		{method: "GET", path: "/v1/os-hosts/2/allocation", status: 404, kind: "application/json"},
		{method: "GET", path: "/v1/flavor-instances/availability", status: 404, kind: "application/json"},
		{method: "GET", path: "/nothing", status: 404, kind: "application/json"},
		{method: "DELETE", path: "/v1/os-hosts", status: 405, kind: "application/json"},
	} {
		resp, body := ask(t, s, test.method, test.path)
		if resp.StatusCode != test.status || resp.Header.Get("Content-Type") != test.kind {
			t.Errorf("%s %s: %s, %s", test.method, test.path, resp.Status, resp.Header.Get("Content-Type"))
		}
		if test.kind == "application/json" && test.method != "HEAD" && !json.Valid([]byte(body)) {
			t.Errorf("%s %s: %s", test.method, test.path, body)
		}
	}

	resp, err := http.Get(strings.TrimSuffix(s.URL, "/v1") + "/")
	if err != nil {
		t.Fatal(err)
	}

	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the root without a token: %s", resp.Status)
	}
}

// Every host has one row of allocations, by id; leases that are over are in none;
// a host that is deleted is null; the order of reservations is not that of time,
// but always the same.
func TestAllocationsOfLeases(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 3, 28, 13, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	d := blazartest.Data{
		Hosts:   []any{blazartest.Host("c", "n3"), blazartest.Host("a", "n1"), blazartest.Host("b", "n2")},
		Deleted: []any{"b"},
		Leases: []blazartest.Lease{
			{ID: "over", Hosts: []any{"a"}, Start: hour(-2), End: now.Add(-time.Second)},
			{ID: "l1", Hosts: []any{"a", "b"}, Start: hour(-1), End: now},
			{ID: "l2", Hosts: []any{"a"}, Start: hour(1), End: hour(2)},
			{ID: "l3", Hosts: []any{"a"}, Start: hour(3), End: hour(4)},
			{ID: "l4", Hosts: []any{"a"}, Start: hour(5), End: hour(6)},
		},
		Now: func() time.Time { return now },
	}

	s := blazartest.Start(t, "")
	s.Set(d)
	var first string

	for range 3 {
		_, body := ask(t, s, "GET", "/v1/os-hosts/allocations?whatever=x")
		if first == "" {
			first = body
		}
		if body != first {
			t.Errorf("the order changes: %s", body)
		}
	}

	leases := func(query string) string {
		t.Helper()
		_, body := ask(t, s, "GET", "/v1/os-hosts/allocations"+query)
		var said struct {
			Allocations []struct {
				ID           string `json:"resource_id"`
				Reservations []struct {
					Lease string `json:"lease_id"`
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Fatal(err)
		}

		var text []string
		for _, a := range said.Allocations {
			text = append(text, a.ID+":")
			for _, r := range a.Reservations {
				text = append(text, r.Lease)
			}
		}

		return strings.Join(text, " ")
	}
	if got := leases(""); strings.Contains(got, "over") || got == "a: l1 l2 l3 l4 b: l1 c:" ||
		len(got) != len("a: l1 l2 l3 l4 b: l1 c:") || !strings.HasSuffix(got, " b: l1 c:") {
		t.Errorf("%s", got)
	}

	if got := leases("?lease_id=l1"); got != "a: l1 b: l1 c:" {
		t.Errorf("of a lease: %s", got)
	}
	if got := leases("?reservation_id=none"); got != "a: b: c:" {
		t.Errorf("of no reservation: %s", got)
	}

	if _, body := ask(t, s, "GET", "/v1/os-hosts"); !strings.Contains(body, `,null,{`) ||
		strings.Index(body, `"n1"`) > strings.Index(body, `"n3"`) {
		t.Errorf("%s", body)
	}
}

// The rows that tests are made of have the members of real ones.
func TestRowsHaveRealMembers(t *testing.T) {
	t.Parallel()
	var hosts struct{ Hosts []blazartest.Row }
	if err := json.Unmarshal(read(t, "testdata/real/os-hosts.json").Body, &hosts); err != nil {
		t.Fatal(err)
	}

	made := blazartest.Host("1", "n")
	for name, value := range hosts.Hosts[0] {
		other, ok := made[name]
		switch {
		case extra.MatchString(`"` + name + `"`):
		case !ok:
			t.Errorf("a host has no %s", name)
		case value != nil && other != nil && reflect.TypeOf(value).Kind() == reflect.String &&
			reflect.TypeOf(other).Kind() != reflect.String:
			t.Errorf("%s of a host is %v, of a real one %v", name, other, value)
		}
	}

	for name := range made {
		if _, ok := hosts.Hosts[0][name]; !ok && !extra.MatchString(`"`+name+`"`) {
			t.Errorf("a real host has no %s", name)
		}
	}

	var rows struct {
		Allocations []struct{ Reservations []blazartest.Row }
	}
	if err := json.Unmarshal(read(t, "testdata/real/allocations-admin.json").Body, &rows); err != nil {
		t.Fatal(err)
	}

	real := slices.Sorted(maps.Keys(rows.Allocations[0].Reservations[0]))
	if got := slices.Sorted(maps.Keys(blazartest.Reservation("", ""))); !slices.Equal(got, real) {
		t.Errorf("a reservation has %q, a real one %q", got, real)
	}
}

// The first login takes its time.
func TestSlowKeystone(t *testing.T) {
	t.Parallel()
	k := blazartest.NewKeystone(t)
	const slow = 50 * time.Millisecond
	k.Slow(slow)
	began := time.Now()
	a := token(t, k)

	if took := time.Since(began); took < slow {
		t.Errorf("the first login took %v", took)
	}
	if b := token(t, k); a == "" || b == "" || a == b {
		t.Errorf("tokens %q and %q", a, b)
	}
}
