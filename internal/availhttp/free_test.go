package availhttp_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/ops"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// leases is a site whose nodes are reserved in ways that are hard to say in one
// time, and hosts of virtual machines.
var leases = txtarrepo.Testbed(`
a {"uid":"free"}
a {"uid":"hour"}
a {"uid":"joined"}
a {"uid":"overlap"}
a {"uid":"gap"}
a {"uid":"kept"}
a {"uid":"vm-lease","lease_mode":"flavor"}
a {"uid":"vm-node","node_mode":"vm_only"}
a {"uid":"vm-blazar"}
`)

func leasesWorld(t *testing.T) world {
	t.Helper()
	w := worldOf(t, leases)
	w.board.set("a", availability.NewSnapshot("a", noon.Add(-time.Minute),
		&availability.Report{Hosts: []availability.Host{
			{Node: "free"},
			{Node: "hour", Reservations: spans(-1, 2)},
			{Node: "joined", Reservations: spans(72, 80, 1, 72, -1, 1)},
			{Node: "overlap", Reservations: spans(-1, 1, -2, 3, 2, 5)},
			{Node: "gap", Reservations: spans(-1, 4, 6, 9)},
			{Node: "kept", Kept: true, Reservations: spans(200, 201)},
			{Node: "vm-lease"},
			{Node: "vm-node", Reservations: spans(-1, 3)},
			{Node: "vm-blazar", ByFlavor: true},
		}}))

	return w
}

// freedom is what an answer has of a node.
type freedom struct {
	Node  string  `json:"node_id"`
	State string  `json:"availability"`
	Until *string `json:"availability_until"`
	From  *string `json:"free_from"`
	By    string  `json:"leased_by"`
	Kept  bool    `json:"kept_for_projects"`
}

// freedoms are those of an answer, as text.
func freedoms(t *testing.T, body []byte) map[string]string {
	t.Helper()
	var got struct{ Items []freedom }
	unmarshal(t, body, &got)
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return strings.TrimSuffix(strings.TrimPrefix(*s, "2026-01-"), ":00Z")
	}

	all := map[string]string{}
	for _, f := range got.Items {
		words := []string{f.State, text(f.Until), text(f.From), f.By}
		if f.Kept {
			words = append(words, "kept")
		}
		all[f.Node] = strings.Join(words, " ")
	}

	return all
}

// A node is free when nothing follows at once, in every answer of ours; the
// search's word stays that of the contract beside it.
func TestFreeFrom(t *testing.T) {
	t.Parallel()
	w := leasesWorld(t)
	want := map[string]string{
		"free":      "available - - node",
		"hour":      "reserved 01T14:00 01T14:00 node",
		"joined":    "reserved 01T13:00 04T20:00 node",
		"overlap":   "reserved 01T13:00 01T17:00 node",
		"gap":       "reserved 01T16:00 01T16:00 node",
		"kept":      "available 09T20:00 - node kept",
		"vm-lease":  "available - - flavor",
		"vm-node":   "reserved 01T15:00 - flavor",
		"vm-blazar": "available - - flavor",
	}

	for _, target := range []string{"/nodes/availability", "/nodes/availability?reservations=false",
		"/sites/a/clusters/c/availability"} {
		if diff := cmp.Diff(want, freedoms(t, get(t, w, target).Body.Bytes())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
}

// Sorting goes by when nodes are really free.
func TestSortByFreedom(t *testing.T) {
	t.Parallel()
	w := leasesWorld(t)
	for query, want := range map[string]string{
		"leased_by=node&availability=reserved&sort=availability_until":  "hour gap overlap joined",
		"leased_by=node&availability=reserved&sort=-availability_until": "joined overlap gap hour",
		"leased_by=node&sort=free_from":                                 "free kept hour gap overlap joined",
		"leased_by=node&sort=-free_until":                               "free kept gap hour joined overlap",
		"sort=-free_until,free_from":                                    "free kept hour gap overlap joined vm-blazar vm-lease vm-node",
		"sort=free_until,uid&leased_by=node":                            "gap hour joined overlap kept free",
		"sort=free_from":                                                "free kept hour gap overlap joined vm-blazar vm-lease vm-node",
		"sort=-free_from,uid":                                           "vm-blazar vm-lease vm-node joined overlap gap hour free kept",
	} {
		var got struct{ Items []struct{ UID string } }
		unmarshal(t, get(t, w, "/nodes/search?"+query).Body.Bytes(), &got)
		var uids []string

		for _, item := range got.Items {
			uids = append(uids, item.UID)
		}

		if list := strings.Join(uids, " "); list != want {
			t.Errorf("%s: %s, want %s", query, list, want)
		}
	}
}

// Hours leave what is free all the time from now or from a start; the states are those
// of now.
func TestFreeForHours(t *testing.T) {
	t.Parallel()
	w := leasesWorld(t)
	for query, want := range map[string]string{
		"hours=1":                            "free:available kept:available",
		"hours=200":                          "free:available kept:available",
		"hours=200.001":                      "free:available",
		"hours=24&q=kept":                    "kept:available",
		"hours=2&start=2026-01-01T16:00Z":    "free:available gap:reserved hour:reserved kept:available",
		"hours=2.01&start=2026-01-01T16:00Z": "free:available hour:reserved kept:available",
		"hours=2&start=2026-01-01T16:00Z&availability=reserved": "gap:reserved hour:reserved",
	} {
		targets := []string{"/nodes/search?", "/nodes/availability?reservations=false&"}
		if strings.Contains(query, "availability=") {
			targets = targets[:1]
		}
		for _, target := range targets {
			var got struct {
				Total int
				Items []struct{ UID, Node_ID, Availability string }
			}
			unmarshal(t, get(t, w, target+query).Body.Bytes(), &got)
			var nodes []string
			for _, item := range got.Items {
				nodes = append(nodes, item.UID+item.Node_ID+":"+item.Availability)
			}
			if list := strings.Join(nodes, " "); list != want || got.Total != len(nodes) {
				t.Errorf("%s%s: %d, %s, want %s", target, query, got.Total, list, want)
			}
		}
	}

	for _, p := range route.Slots.Get().Query {
		if p.Name != "hours" {
			continue
		}
		for least, want := range map[float64]int{p.Least: 200, math.Nextafter(p.Least, 0): 422} { // as the document says
			if res := get(t, w, fmt.Sprint("/nodes/slots?hours=", least)); res.Code != want {
				t.Errorf("%g hours: %d, want %d", least, res.Code, want)
			}
		}
	}

	for _, query := range []string{"hours=0", "hours=0.0001", "hours=x", "hours=9000", "hours=2&start=x"} {
		for _, target := range []string{"/nodes/search?", "/nodes/availability?"} {
			if res := get(t, w, target+query); res.Code != 422 {
				t.Errorf("%s%s: %d", target, query, res.Code)
			}
		}
	}
	if res := get(t, w, "/nodes/search?hours=2&start=2026-01-01T16:00Z&end=2026-01-02"); res.Code != 422 {
		t.Errorf("an end and hours: %d", res.Code)
	}
	if res := get(t, w, "/nodes/search?hours=2&start=2026-01-01T16:00Z&strict=true"); res.Code != 200 {
		t.Errorf("strict: %s", res.Body)
	}
}

// Hosts of virtual machines are in no slot and are not counted as free; what a
// search says of them is what the contract says.
func TestLeasedByFlavor(t *testing.T) {
	t.Parallel()
	w := leasesWorld(t)
	var slots struct {
		Total int
		Items []struct {
			Nodes []string
			Kept  []string `json:"kept_for_projects"`
		}
	}

	unmarshal(t, get(t, w, "/nodes/slots?count=6&hours=24").Body.Bytes(), &slots)
	nodes := []string{"free", "gap", "hour", "joined", "kept", "overlap"}
	if len(slots.Items) == 0 || !slices.Equal(slots.Items[0].Nodes, nodes) ||
		!slices.Equal(slots.Items[0].Kept, []string{"kept"}) {
		t.Errorf("slots of all nodes: %+v", slots)
	}

	for query, want := range map[string]string{
		"count=7":             `{"total":0,"items":[],"nearest":[{"let_go":"count","query":"count=6",`,
		"leased_by=flavor":    `{"total":0,"items":[],"nearest":[{"let_go":"leased_by","query":"",`,
		"leased_by=node&q=vm": `{"total":0,"items":[],"nearest":[{"let_go":"q","query":"leased_by=node",`,
		"q=free":              `{"total":1,"items":[{"start":"2026-01-01T12:00:00Z","end":"2026-01-01T13:00:00Z","site_id":"a","nodes":["free"],"extendable_until":null,"candidates":1,"reserve_by":"node","node_type":null}]}`,
	} {
		if got := get(t, w, "/nodes/slots?"+query).Body.String(); !strings.HasPrefix(got, want) {
			t.Errorf("slots with %s: %s", query, got)
		}
	}

	if got := get(t, w, "/availability").Body.String(); !strings.Contains(got,
		`"counts":{"available":2,"reserved":4,"maintenance":0,"unknown":0,"by_flavor":3}`) {
		t.Errorf("/availability: %s", got)
	}

	if got := get(t, w, ops.MetricsPath).Body.String(); !strings.Contains(got,
		`refapi_hosts{site="a",state="by_flavor"} 3`) ||
		!strings.Contains(got, `refapi_hosts{site="a",state="available"} 2`) {
		t.Errorf("metrics: %s", got)
	}

	got := slices.Sorted(maps.Keys(freedoms(t, get(t, w, "/nodes/availability?leased_by=flavor").Body.Bytes())))
	if !slices.Equal(got, []string{"vm-blazar", "vm-lease", "vm-node"}) {
		t.Errorf("leased by flavor: %q", got)
	}
	if res := get(t, w, "/nodes/availability?leased_by=lease"); res.Code != 422 {
		t.Errorf("leased by something else: %d", res.Code)
	}

	const item = `{"total":1,"offset":0,"items":[{"uid":"vm-node","node_type":null,"site_id":"a","cluster_id":"c","availability":"reserved","availability_until":"2026-01-01T15:00:00Z","node_mode":"vm_only"}]}`
	if got := get(t, w, "/nodes/search?q=vm-node").Body.String(); got != item {
		t.Errorf("search: %s", got)
	}
}
