package blazar_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// newClient makes a client of a cloud, called chi in clouds.yaml.
func newClient(t *testing.T, cloud *blazartest.Cloud, change ...func(*availability.Environment)) *blazar.Client {
	t.Helper()
	return clientOf(t, cloud.Entry(), change...)
}

func clientOf(t *testing.T, entry string, change ...func(*availability.Environment)) *blazar.Client {
	t.Helper()
	env := availability.Environment{
		Getenv:    blazartest.Env(blazartest.WriteClouds(t, map[string]string{"chi": entry})),
		UserAgent: "refapi/1.0.0",
	}

	for _, f := range change {
		f(&env)
	}

	c := blazar.New("chi", env)
	t.Cleanup(c.Close)
	return c
}

func at(t *testing.T, s string) availability.Time {
	t.Helper()
	got, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return availability.At(got)
}

func TestHosts(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	disabled := blazartest.Host("2", "b")
	disabled["disabled"] = true
	cloud.Set(blazartest.Data{
		Hosts: []any{blazartest.Host(3, "c"), disabled, blazartest.Host("1", "a")},
		Allocations: []any{
			blazartest.Allocation(1, blazartest.Reservation("2021-12-16T17:11:00.000000", "2021-12-17 17:11:00")),
			blazartest.Allocation("2"),
		},
	})

	c := newClient(t, cloud)
	for range 3 {
		got, err := c.Hosts(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		want := &availability.Report{Rows: 2, Hosts: []availability.Host{
			{Node: "a", Reservations: []availability.Interval{{Start: at(t, "2021-12-16T17:11:00Z"),
				End: at(t, "2021-12-17T17:11:00Z")}}},
			{Node: "b", Maintenance: true, Reservations: []availability.Interval{}},
			{Node: "c"},
		}}
		if diff := cmp.Diff(want, got,
			cmpopts.IgnoreFields(availability.Report{}, "Requested", "HostsRequested")); diff != "" {
			t.Fatal(diff)
		}
	}

	if n := cloud.Keystone.Issued(); n != 1 {
		t.Errorf("took %d tokens for three calls", n)
	}
	if agent := cloud.Last(blazartest.Hosts).UserAgent(); !strings.HasPrefix(agent, "refapi/1.0.0 gophercloud/") {
		t.Errorf("the User-Agent is %q", agent)
	}
}

// contract is what Blazar returned when the contract was recorded.
type contract struct {
	Hosts, Allocations []any
	Nodes              map[string]string `json:"node_by_case"`
	Flavors            map[string][]any
}

func readContract(t *testing.T) contract {
	t.Helper()
	text, err := os.ReadFile("testdata/contract.json")
	if err != nil {
		t.Fatal(err)
	}

	var c contract
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}

	return c
}

func TestContract(t *testing.T) {
	t.Parallel()
	input := readContract(t)
	cloud := blazartest.NewCloud(t)
	cloud.Set(blazartest.Data{Hosts: input.Hosts, Allocations: input.Allocations})
	got, err := newClient(t, cloud).Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if got.Rows != 13 || len(got.Hosts) != len(input.Hosts)-1 {
		t.Errorf("%d rows and %d hosts", got.Rows, len(got.Hosts))
	}

	snapshot := &availability.Snapshot{Report: *got}
	for name, want := range map[string]struct {
		maintenance  bool
		reservations int
	}{
		"free_no_allocation_row": {}, "free_empty_reservations": {}, "past_only": {reservations: 1},
		"now_plus_future_unsorted": {reservations: 4}, "two_future_unsorted_micros": {reservations: 2},
		"maintenance_disabled": {maintenance: true}, "maintenance_not_reservable_with_reservation": {true, 1},
		"bad_dates_skipped": {reservations: 1}, "inverted_and_zero_length": {reservations: 2},
		"duplicate_allocation_rows_last_wins": {reservations: 1}, "reservable_null_disabled_null": {maintenance: true},
		"host_without_disabled_key": {}, "allocation_without_reservations_key": {},
	} {
		h := snapshot.Host(input.Nodes[name])
		if h == nil || h.Maintenance != want.maintenance || len(h.Reservations) != want.reservations {
			t.Errorf("%s: %+v", name, h)
		}
	}

	if snapshot.Host(input.Nodes["not_registered_in_blazar"]) != nil {
		t.Error("a host that Blazar does not know is there")
	}

	want := []string{
		`hosts without hypervisor_hostname: 1, e.g. with id "900"`,
		`reservations skipped for an unreadable start_date: 2, e.g. "garbage"`,
		`duplicate allocations, using the last: 1, e.g. of id "112"`,
		`allocations of unknown hosts: 1, e.g. of id "999"`,
	}

	var lines []string
	for _, warning := range got.Warnings {
		lines = append(lines, warning.String())
	}

	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// A token that dies in mid-life is replaced, once for both questions.
func TestReauthentication(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud)

	for i := range 4 {
		if _, err := c.Hosts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := cloud.Keystone.Issued(); n != i+1 {
			t.Fatalf("%d tokens after %d deaths", n, i)
		}
		cloud.Keystone.Expire()
	}
}

// The service starts before Keystone does, and survives its absence.
func TestKeystoneComesAndGoes(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud)
	expect := func(reason availability.Reason) {
		t.Helper()
		_, err := c.Hosts(t.Context())
		if err == nil || availability.ReasonOf(err) != reason {
			t.Fatalf("%v, want the reason %s", err, reason)
		}
	}

	cloud.Keystone.Fail(blazartest.Text(http.StatusServiceUnavailable, "no"))
	expect(availability.ReasonServer)
	cloud.Keystone.Fail(nil)

	if _, err := c.Hosts(t.Context()); err != nil {
		t.Fatal(err)
	}

	cloud.Keystone.Expire()
	cloud.Keystone.Fail(blazartest.Text(http.StatusServiceUnavailable, "no"))
	expect(availability.ReasonServer)
	cloud.Keystone.Fail(blazartest.KeystoneError(http.StatusUnauthorized,
		"The request you have made requires authentication."))
	expect(availability.ReasonAuth)
	cloud.Keystone.Fail(nil)

	if _, err := c.Hosts(t.Context()); err != nil {
		t.Fatal(err)
	}

	// A token that Blazar never takes is no reason to ask for more and more.
	before := cloud.Keystone.Issued()
	cloud.Fail("", blazartest.KeystoneError(http.StatusUnauthorized, "no"))
	expect(availability.ReasonAuth)

	if n := cloud.Keystone.Issued() - before; n > 2 {
		t.Errorf("took %d tokens for a call", n)
	}
}

// Many callers, one authentication; and each keeps to its own context.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud)
	errs := make(chan error)

	for range 20 {
		go func() {
			_, err := c.Hosts(t.Context())
			errs <- err
		}()
	}

	for range 20 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}

	if n := cloud.Keystone.Issued(); n != 1 {
		t.Errorf("took %d tokens", n)
	}

	other := newClient(t, cloud)
	cloud.Keystone.Fail(blazartest.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	for range 5 {
		go func() {
			_, err := other.Hosts(ctx)
			errs <- err
		}()
	}

	for range 5 {
		if err := <-errs; availability.ReasonOf(err) != availability.ReasonTimeout ||
			!errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}

// settle waits until no more goroutines are there than before.
func settle(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(time.Minute) // of a hang, not of speed
	for tick := time.Tick(5 * time.Millisecond); runtime.NumGoroutine() > before; <-tick {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before,
				stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// Not parallel: it counts goroutines.
func TestNoGoroutineIsLeft(t *testing.T) {
	cloud := blazartest.NewCloud(t)
	before := runtime.NumGoroutine()

	for _, fail := range []http.HandlerFunc{nil, blazartest.Hang, blazartest.Endless(`{"hosts":[`, `{},`, 0),
		blazartest.HTML(500)} {
		cloud.Fail("", fail)
		c := newClient(t, cloud)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			_, err := c.Hosts(ctx)
			cancel()
			if err == nil && fail != nil {
				t.Error("no error")
			}
		}

		c.Close()
	}

	settle(t, before)
}
