package blazar_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// ticker is a clock that goes on by a second each time it is looked at.
type ticker struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticker) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

// requests counts the requests of both kinds.
func requests(c *blazartest.Cloud) [2]int {
	return [2]int{c.Requests(blazartest.Hosts), c.Requests(blazartest.Allocations)}
}

// hostsAndRows are n hosts with a row each.
func hostsAndRows(n int) (d blazartest.Data) {
	for i := range n {
		d.Hosts = append(d.Hosts, blazartest.Host(i+1, string(rune('a'+i))))
		d.Allocations = append(d.Allocations, blazartest.Allocation(i+1))
	}
	return d
}

// A lease that is made while Blazar lists its hosts is in the inventory, and
// what happens after the first request is not promised.
func TestAllocationsAreAskedAfterHosts(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Set(hostsAndRows(1))
	clock := &ticker{now: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}
	var requested time.Time
	cloud.Fail(blazartest.Hosts, func(w http.ResponseWriter, r *http.Request) {
		requested = clock.read()
		d := hostsAndRows(1)
		d.Allocations = []any{blazartest.Allocation("1",
			blazartest.Reservation("2099-01-01T00:00:00.000000", "2099-02-01T00:00:00.000000"))}
		cloud.Set(d)
		blazartest.JSON(`{"hosts":[{"id":"1","hypervisor_hostname":"a"}]}`)(w, r)
	})

	c := newClient(t, cloud, func(o *availability.Environment) { o.Now = clock.read })
	report, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if len(report.Hosts) != 1 || len(report.Hosts[0].Reservations) != 1 {
		t.Errorf("the lease is missing: %+v", report.Hosts)
	}

	if !report.Requested.Before(requested) || report.HostsRequested.After(requested) {
		t.Errorf("requested at %v, hosts at %v; the first request came at %v", report.Requested,
			report.HostsRequested, requested)
	}

	// The second time only the allocations are requested, and count.
	again, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if !again.Requested.After(requested) || again.HostsRequested != report.HostsRequested {
		t.Errorf("the second time requested at %v, hosts at %v", again.Requested, again.HostsRequested)
	}
}

// Blazar's expensive list is requested rarely, its cheap one each time.
func TestHostsAreAskedForRarely(t *testing.T) {
	t.Parallel()
	for every, want := range map[int]int{0: 3, 1: 11, 2: 6, 5: 3, 10: 2} {
		cloud := blazartest.NewCloud(t)
		cloud.Set(hostsAndRows(3))
		c := newClient(t, cloud, func(o *availability.Environment) { o.HostsEvery = every })

		for range 11 {
			report, err := c.Hosts(t.Context())
			if err != nil || len(report.Hosts) != 3 || report.Rows != 3 {
				t.Fatal(report, err)
			}
		}

		if got := requests(cloud); got != [2]int{want, 11} {
			t.Errorf("every %d: 11 calls %v requests, want %d and 11", every, got, want)
		}
	}
}

// Hosts that come and go are noticed by the allocations; what stays strange is
// not requested again and again.
func TestNewAndMissingHostsAreAskedFor(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud, func(o *availability.Environment) { o.HostsEvery = 1000 })
	step := func(what string, d blazartest.Data, hosts int, want [2]int) {
		t.Helper()
		before := requests(cloud)
		cloud.Set(d)
		report, err := c.Hosts(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}

		after := requests(cloud)
		if got := [2]int{after[0] - before[0], after[1] - before[1]}; len(report.Hosts) != hosts || got != want {
			t.Errorf("%s: %d hosts after %v requests, want %d after %v", what, len(report.Hosts), got, hosts, want)
		}
	}

	strange := hostsAndRows(3)
	strange.Allocations = append(strange.Allocations, blazartest.Allocation("999"))
	free := hostsAndRows(3)
	free.Allocations = free.Allocations[:2]

	step("first", hostsAndRows(3), 3, [2]int{1, 1})
	step("nothing new", hostsAndRows(3), 3, [2]int{0, 1})
	step("a new host", hostsAndRows(4), 4, [2]int{1, 2})
	step("one is gone", hostsAndRows(3), 3, [2]int{1, 2})
	step("a row without a host", strange, 3, [2]int{1, 2})
	step("the same row again", strange, 3, [2]int{0, 1})
	step("a free host without a row", free, 3, [2]int{1, 2})
	step("still without a row", free, 3, [2]int{0, 1})
	free.Allocations = free.Allocations[:1]
	step("a Blazar that gives free hosts no row", free, 3, [2]int{0, 1})
	step("a row that comes back", hostsAndRows(3), 3, [2]int{0, 1})
}

// The list is requested for a new host until there is a response.
func TestNewHostAfterAFailure(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Set(hostsAndRows(2))
	c := newClient(t, cloud, func(o *availability.Environment) { o.HostsEvery = 1000 })
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Fatal(err)
	}

	cloud.Set(hostsAndRows(3))
	cloud.Fail(blazartest.Hosts, blazartest.InternalError)

	for range 2 {
		if _, err := c.Hosts(t.Context()); err == nil {
			t.Error("no error")
		}
	}

	cloud.Fail(blazartest.Hosts, nil)
	if report, err := c.Hosts(t.Context()); err != nil || len(report.Hosts) != 3 {
		t.Errorf("%v, %v", report, err)
	}
}

// A failure does not lose the hosts, but they grow old all the same.
func TestHostsAfterFailures(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Set(hostsAndRows(2))
	c := newClient(t, cloud, func(o *availability.Environment) { o.HostsEvery = 3 })
	want := func(n [2]int, fails bool) {
		t.Helper()
		if _, err := c.Hosts(t.Context()); (err != nil) != fails {
			t.Errorf("error %v", err)
		}
		if got := requests(cloud); got != n {
			t.Errorf("%v requests, want %v", got, n)
		}
	}

	cloud.Fail(blazartest.Allocations, blazartest.Text(503, "no"))
	want([2]int{1, 1}, true)
	want([2]int{1, 2}, true)
	want([2]int{1, 3}, true)
	cloud.Fail(blazartest.Allocations, nil)
	want([2]int{2, 4}, false)
	want([2]int{2, 5}, false)
}

// What a real Blazar answers is read: UUIDs for ids, a row for every host,
// reservations in no order, null for a host that is deleted meanwhile, and nothing
// without Accept; to a reader and to an admin, and from both branches.
func TestAnswersAsOfARealBlazar(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Minute)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	ids := []any{blazartest.UUID("1"), blazartest.UUID("2"), blazartest.UUID("3")}
	d := blazartest.Data{
		Hosts:   []any{blazartest.Host(ids[0], "a"), blazartest.Host(ids[1], "b"), blazartest.Host(ids[2], "c")},
		Deleted: ids[1:2],
		Leases: []blazartest.Lease{
			{Name: "over", Hosts: ids, Start: hour(-3), End: hour(-2)},
			{Name: "runs", Hosts: ids[:2], Start: hour(-1), End: hour(2), Status: "active"},
			{Name: "next", Hosts: ids[:1], Start: hour(2), End: hour(3)},
			{Name: "later", Hosts: ids[:1], Start: hour(5), End: hour(6).Add(123456 * time.Microsecond),
				Status: "error"},
		},
	}

	for _, role := range []blazartest.Role{blazartest.Reader, blazartest.Admin} {
		for _, upstream := range []bool{false, true} {
			d.Role, d.Upstream = role, upstream
			cloud := blazartest.NewCloud(t)
			cloud.Keystone.Slow(20 * time.Millisecond)
			cloud.Set(d)
			report, err := newClient(t, cloud).Hosts(t.Context())
			if err != nil {
				t.Fatal(err)
			}

			if len(report.Hosts) != 2 || report.Rows != 2 || len(report.Warnings) != 2 ||
				report.Hosts[1].Node != "c" || len(report.Hosts[1].Reservations) != 0 {
				t.Errorf("%+v", report)
			}

			got := slices.SortedFunc(slices.Values(report.Hosts[0].Reservations),
				func(a, b availability.Interval) int { return cmp.Compare(a.Start, b.Start) })
			want := []availability.Interval{
				{Start: availability.At(hour(-1)), End: availability.At(hour(2))},
				{Start: availability.At(hour(2)), End: availability.At(hour(3))},
				{Start: availability.At(hour(5)), End: availability.At(hour(6).Add(123456 * time.Microsecond))},
			}
			if !slices.Equal(got, want) {
				t.Errorf("reservations %v, want %v", got, want)
			}
			if accept := cloud.Last(blazartest.Allocations).Header.Get("Accept"); accept != "application/json" {
				t.Errorf("Accept: %q", accept)
			}
		}
	}
}

// Of a host that is deleted while Blazar lists them null is left, and its
// allocations may still be there.
func TestHostThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	d := hostsAndRows(3)
	d.Hosts[1] = nil
	cloud.Set(d)
	report, err := newClient(t, cloud).Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if len(report.Hosts) != 2 || report.Hosts[0].Node != "a" || report.Hosts[1].Node != "c" || report.Rows != 2 {
		t.Errorf("%+v", report)
	}

	var lines []string
	for _, warning := range report.Warnings {
		lines = append(lines, warning.String())
	}

	want := `hosts that are null, deleted while Blazar listed them: 1; allocations of unknown hosts: 1, e.g. of id "2"`
	if got := strings.Join(lines, "; "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Both refusals are named at once, once.
func TestBothRulesAreNamed(t *testing.T) {
	t.Parallel()
	const (
		hosts       = "blazar:oshosts:get"
		allocations = "blazar:oshosts:get_allocations"
	)
	for name, test := range map[string]struct {
		known, hosts, allocations bool // whether hosts are known before; which are refused
		want                      string
	}{
		"both": {hosts: true, allocations: true,
			want: "403 Forbidden: policy.yaml must allow " + hosts + " and " + allocations},
		"hosts":       {hosts: true, want: "403 Forbidden: policy.yaml must allow " + hosts},
		"allocations": {allocations: true, want: "403 Forbidden: policy.yaml must allow " + allocations},
		"both, later": {known: true, hosts: true, allocations: true,
			want: "403 Forbidden: policy.yaml must allow " + hosts + " and " + allocations},
		"one of two, later": {known: true, allocations: true,
			want: "403 Forbidden: policy.yaml must allow " + allocations},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := blazartest.NewCloud(t)
			c := newClient(t, cloud)

			if test.known {
				if _, err := c.Hosts(t.Context()); err != nil {
					t.Fatal(err)
				}
			}

			if test.hosts {
				cloud.Fail(blazartest.Hosts, blazartest.Forbidden(hosts))
			}
			if test.allocations {
				cloud.Fail(blazartest.Allocations, blazartest.Forbidden(allocations))
			}

			_, err := c.Hosts(t.Context())
			if err == nil || availability.ReasonOf(err) != availability.ReasonForbidden ||
				!strings.HasSuffix(err.Error(), test.want) {
				t.Fatalf("%v\nwant %s", err, test.want)
			}

			if strings.Count(err.Error(), allocations) > 1 || strings.Contains(err.Error(), "\n") ||
				hint.Of(err) == "" {
				t.Errorf("%v; hint %s", err, hint.Of(err))
			}

			cloud.Fail(blazartest.Hosts, nil)
			cloud.Fail(blazartest.Allocations, nil)

			if _, err := c.Hosts(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
