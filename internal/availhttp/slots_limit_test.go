package availhttp

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
)

// A question whose slots would have too many nodes is refused, with the nearest one that is
// answered; one for a single slot never is.
func TestSlotsOfManyNodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		nodes int
		query string
		want  string // limit that would do, "" for no fault
	}{
		{201, "count=201&limit=500", "497"},
		{201, "count=201&limit=497", ""},
		{200, "count=9999&limit=500", ""}, // more than there are: no slot has so many
		{201, "count=150&2.count=151&limit=500", "497"},
		{150_000, "count=10000", ""},
		{150_000, "count=10000&limit=11", "10"},
		{150_000, "count=10000&2.count=10000&3.count=10000&4.count=10000&5.count=10000&limit=1", ""},
	} {
		raw := "hours=1&" + tt.query
		values, faults := readQuery(paramsOf(route.Slots, decodeForm(raw)), raw)
		if faults != nil {
			t.Fatal(faults)
		}
		q := &slotQuestion{view: &view{release: &release.Release{}}, candidates: make([]availability.Candidate, tt.nodes)}
		q.Limit = values.Int("limit")
		for _, n := range []string{"", "2.", "3.", "4.", "5."} {
			if values.Has(n + "count") {
				q.Parts = append(q.Parts, availability.Part{Count: values.Int(n + "count")})
			}
		}

		fault := q.checkLimit(values, raw)
		if got := fault == nil; got != (tt.want == "") {
			t.Errorf("%d nodes, %s: %v", tt.nodes, tt.query, fault)
		}
		if fault != nil && !strings.HasSuffix(fault.Msg, "&limit="+tt.want+" would do") {
			t.Errorf("%d nodes, %s: %s", tt.nodes, tt.query, fault.Msg)
		}
	}
}
