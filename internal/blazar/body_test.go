package blazar_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// repeated is a list of n elements, called after its member.
func repeated(name, element string, n int) string {
	return `{"` + name + `":[` + strings.Repeat(element+",", n-1) + element + `]}`
}

// Rows are bounded as well as bytes: short rows take more memory than their
// text.
func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	const reservation = `{"start_date":"2099-01-01 00:00","end_date":"2099-01-02 00:00"}`
	for name, test := range map[string]struct {
		path, body, want, key string
	}{
		"hosts": {path: blazartest.Hosts, body: repeated("hosts", "{}", 101),
			want: "the response has more than 100 hosts", key: "max_hosts"},
		"nulls": {path: blazartest.Hosts, body: repeated("hosts", "null", 101),
			want: "the response has more than 100 hosts", key: "max_hosts"},
		"rows of allocations": {path: blazartest.Allocations,
			body: repeated("allocations", `{"resource_id":1}`,
				101), want: "the response has more than 100 rows of allocations", key: "max_hosts"},
		"reservations of one": {path: blazartest.Allocations,
			body: `{"allocations":[` + repeated("reservations", reservation, 1001) + `]}`,
			want: "the response has more than 1000 reservations", key: "max_reservations"},
		"reservations of many": {path: blazartest.Allocations,
			body: repeated("allocations", repeated("reservations", "{}", 11), 100),
			want: "the response has more than 1000 reservations", key: "max_reservations"},
		"one long host": {path: blazartest.Hosts,
			body: `{"hosts":[{"id":"1","extra":"` + strings.Repeat("x", 3<<20) + `"}]}`,
			want: "the response has an element of more than 1048576 bytes"},
		"one long list": {path: blazartest.Allocations,
			body: `{"allocations":[{"resource_id":"1","reservations":[` + strings.Repeat(reservation+",", 40_000) +
				`{}]}]}`,
			want: "the response has an element of more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := blazartest.NewCloud(t)
			c := newClient(t, cloud,
				func(o *availability.Environment) { o.Limits.Hosts, o.Limits.Reservations = 100, 1000 })
			cloud.Fail(test.path, blazartest.JSON(test.body))
			_, err := c.Hosts(t.Context())
			if err == nil || availability.ReasonOf(err) != availability.ReasonTooLarge ||
				!strings.HasSuffix(err.Error(), test.want) {
				t.Fatalf("%v\nwant %s", err, test.want)
			}

			if advice := hint.Of(err); !strings.Contains(advice, test.key) || (advice == "") != (test.key == "") {
				t.Errorf("advice %q", advice)
			}
		})
	}
}

// As many as are allowed are read, and so is a long answer of short rows.
func TestWhatIsAllowedIsRead(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud, func(o *availability.Environment) { o.Limits.Hosts, o.Limits.Reservations = 100, 1000 })
	var rows []string

	for i := range 100 {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"hypervisor_hostname":"n%d","extra":"%s"}`, i, i,
			strings.Repeat("x", 50_000)))
	}

	cloud.Fail(blazartest.Hosts, blazartest.JSON(`{"hosts":[`+strings.Join(rows, ",")+`]}`))
	report, err := c.Hosts(t.Context())
	if err != nil || len(report.Hosts) != 100 {
		t.Errorf("%v, %v", report, err)
	}
}

// Names that no file system and no Blazar would take are skipped.
func TestLongNamesAreSkipped(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	long := strings.Repeat("n", 256)
	cloud.Set(blazartest.Data{
		Hosts:       []any{blazartest.Host("1", long), blazartest.Host(long, "b"), blazartest.Host("3", long[1:])},
		Allocations: []any{blazartest.Allocation(long)},
	})

	report, err := newClient(t, cloud).Hosts(t.Context())
	if err != nil || len(report.Hosts) != 1 || report.Hosts[0].Node != long[1:] || len(report.Warnings) != 2 ||
		report.Warnings[0].Count != 2 {
		t.Errorf("%v, %v", report, err)
	}
}

// What the library decodes by itself is short, whatever the limit is.
func TestKeystonesAnswersAreBounded(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud)
	cloud.Keystone.Fail(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Subject-Token", "t")
		w.WriteHeader(http.StatusCreated)
		blazartest.Endless(`{"token":{"catalog":[`, `{"type":"t","endpoints":[]},`, 0)(nobody{w}, r)
	})

	_, err := c.Hosts(t.Context())
	if err == nil || availability.ReasonOf(err) != availability.ReasonTooLarge ||
		!strings.HasSuffix(err.Error(), "the response is longer than 4194304 bytes") {
		t.Error(err)
	}
}

// nobody is a writer whose headers were sent.
type nobody struct{ http.ResponseWriter }

func (nobody) WriteHeader(int) {}

func (n nobody) Flush() { n.ResponseWriter.(http.Flusher).Flush() }

// One large answer is decoded at a time, small ones whenever they come; and who
// waits for a turn waits no longer than its context.
func TestLargeAnswersTakeTurns(t *testing.T) {
	t.Parallel()
	const long = `{"id":"1","hypervisor_hostname":"a","extra":"0123456789012345678901234567890123456789"}`
	large, small := blazartest.NewCloud(t), blazartest.NewCloud(t)
	large.Fail(blazartest.Hosts, blazartest.JSON(repeated("hosts", long, 20_000)))
	small.Set(hostsAndRows(2))
	gate := semaphore.NewWeighted(1)
	shared := func(o *availability.Environment) { o.Gate = gate }
	a, b := newClient(t, large, shared), newClient(t, small, shared)

	if err := gate.Acquire(t.Context(), 1); err != nil {
		t.Fatal(err)
	}

	if _, err := b.Hosts(t.Context()); err != nil {
		t.Errorf("a small answer had to wait: %v", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()

	if _, err := a.Hosts(ctx); availability.ReasonOf(err) != availability.ReasonTimeout ||
		!errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a large answer did not wait: %v", err)
	}

	gate.Release(1)
	if _, err := a.Hosts(t.Context()); err != nil {
		t.Error(err)
	}
}
