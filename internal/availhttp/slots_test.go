package availhttp_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// accelerators are nodes with GPUs at two sites: of type quad all have four but one, of
// type single all have one, and hosts of type plain have none.
var accelerators = txtarrepo.Testbed(`
a {"uid":"q1","node_type":"quad","gpu":{"gpu":true,"gpu_count":4}}
a {"uid":"q2","node_type":"quad","gpu":{"gpu":true,"gpu_count":2}}
a {"uid":"p1","node_type":"plain"}
a {"uid":"p2","node_type":"plain","infiniband":true}
b {"uid":"s1","node_type":"single","gpu":{"gpu":true,"gpu_count":1}}
b {"uid":"s2","node_type":"single","gpu":{"gpu":true,"gpu_count":1}}
b {"uid":"s3","node_type":"single","gpu":{"gpu":true,"gpu_count":1}}
`)

// acceleratorsWorld says: q1 is reserved until 2, s3 from 5 to 9, p1 from 100 on for a day.
func acceleratorsWorld(t *testing.T) world {
	t.Helper()
	w := worldOf(t, accelerators)
	w.board.set("a", availability.NewSnapshot("a", noon.Add(-time.Second), &availability.Report{Hosts: []availability.Host{
		{Node: "p1", Reservations: spans(100, 124)}, {Node: "p2"}, {Node: "q1", Reservations: spans(-1, 2)}, {Node: "q2"},
	}}))
	w.board.set("b", availability.NewSnapshot("b", noon.Add(-time.Second), &availability.Report{Hosts: []availability.Host{
		{Node: "s1"}, {Node: "s2"}, {Node: "s3", Reservations: spans(5, 9)},
	}}))
	return w
}

// slotNeeds is how a slot, or a part of one, is reserved.
type slotNeeds struct {
	Nodes            []string
	Candidates, GPUs int
	ReserveBy        string  `json:"reserve_by"`
	NodeType         *string `json:"node_type"`
}

type foundSlot struct {
	slotNeeds
	Start      time.Time
	Extendable *time.Time `json:"extendable_until"`
	Parts      []slotNeeds
}

type foundSlots struct {
	Total   int
	Items   []foundSlot
	Nearest []struct {
		LetGo string `json:"let_go"`
		Query string
		Slot  foundSlot
	}
	Most *struct {
		Count int
		Slot  foundSlot
	}
}

func (n slotNeeds) String() string {
	text := fmt.Sprintf("%s of %d by %s", strings.Join(n.Nodes, " "), n.Candidates, n.ReserveBy)
	if n.NodeType != nil {
		text += " " + *n.NodeType
	}
	if n.GPUs > 0 {
		text += fmt.Sprintf(", %d GPUs", n.GPUs)
	}
	return text
}

// String says what a slot is, with hours after noon.
func (s foundSlot) String() string {
	after := func(at time.Time) string { return fmt.Sprint(at.Sub(noon).Hours()) }
	text := after(s.Start) + ": " + s.slotNeeds.String()
	for _, p := range s.Parts {
		text += " (" + p.String() + ")"
	}
	if s.Extendable != nil {
		text += ", until " + after(*s.Extendable)
	}
	return text
}

func slotsOf(t *testing.T, res *httptest.ResponseRecorder) (found foundSlots) {
	t.Helper()
	if res.Code != 200 {
		t.Fatalf("%d: %s", res.Code, res.Body)
	}
	unmarshal(t, res.Body.Bytes(), &found)
	return found
}

func TestSlotsForGPUsAndMixtures(t *testing.T) {
	t.Parallel()
	w := acceleratorsWorld(t)
	for query, want := range map[string]string{
		// Few nodes, and of the last the one with the fewest GPUs that will do.
		"unit=gpus&count=2&site_id=a":                              "0: q2 of 1 by node quad, 2 GPUs",
		"unit=gpus&count=3&site_id=a":                              "2: q1 of 2 by node quad, 4 GPUs",
		"unit=gpus&count=5&site_id=a":                              "2: q1 q2 of 2 by node quad, 6 GPUs",
		"unit=gpus&count=3&same_site=true":                         "0: s1 s2 s3 of 3 by type single, 3 GPUs, until 5|2: q1 of 2 by node quad, 4 GPUs|9: s1 s2 s3 of 3 by type single, 3 GPUs",
		"unit=gpus&count=9":                                        "2: q1 q2 s1 s2 s3 of 5 by node, 9 GPUs, until 5|9: q1 q2 s1 s2 s3 of 5 by node, 9 GPUs",
		"node_type=plain&count=2":                                  "0: p1 p2 of 2 by type plain, until 100|124: p1 p2 of 2 by type plain",
		"node_type=plain&count=2&hours=100.5":                      "124: p1 p2 of 2 by type plain",
		"node_type=plain&infiniband=true":                          "0: p2 of 1 by node plain",
		"node_id=p2":                                               "0: p2 of 1 by node plain",
		"node_type=quad&2.node_type=plain":                         "0: q2 p1 of 3 by type (q2 of 1 by type quad) (p1 of 2 by type plain), until 100",
		"node_type=plain&2.infiniband=true":                        "0: p1 p2 of 3 by node plain (p1 of 2 by type plain) (p2 of 1 by node plain), until 100|124: p1 p2 of 3 by node plain (p1 of 2 by type plain) (p2 of 1 by node plain)",
		"count=2&unit=gpus&3.node_type=plain&gpu=true&same_site=1": "0: q2 p1 of 3 by node, 2 GPUs (q2 of 1 by node quad, 2 GPUs) (p1 of 2 by type plain), until 100",

		// s1 to s3 serve both: two GPUs are two nodes.
		"node_type=single&unit=gpus&count=2&2.site_id=b": "0: s1 s2 s3 of 6 by type single, 2 GPUs (s1 s2 of 3 by type single, 2 GPUs) (s3 of 3 by type single), until 5|9: s1 s2 s3 of 6 by type single, 2 GPUs (s1 s2 of 3 by type single, 2 GPUs) (s3 of 3 by type single)",
	} {
		found := slotsOf(t, get(t, w, "/nodes/slots?strict=true&"+query))
		var texts []string
		for _, s := range found.Items {
			texts = append(texts, s.String())
		}
		if got := strings.Join(texts, "|"); got != want {
			t.Errorf("%s:\n%s, want\n%s", query, got, want)
		}
		if found.Nearest != nil || found.Most != nil {
			t.Errorf("%s: nearest %v, most %v", query, found.Nearest, found.Most)
		}
	}
}

// A question that nothing answers says what would be answered.
func TestNearestSlots(t *testing.T) {
	t.Parallel()
	w := acceleratorsWorld(t)
	for query, want := range map[string]string{
		"site_id=a&count=2&gpu=true&hours=4&before=2026-01-01T17:00Z": "before 2: q1 q2|gpu 0: p1 p2|" +
			"site_id 0: s1 s2|count 0: q2|hours 2: q1 q2|most 1 0: q2",
		"node_type=quad&count=3": "count 2: q1 q2|most 2 2: q1 q2", // nothing else has two GPUs a node
		"node_type=plain&count=2&hours=24&after=2026-01-05T15:00Z&before=2026-01-07&same_site=true": "after 0: p1 p2|" +
			"before 124: p1 p2|node_type 99: p2 q1|count 99: p2|hours 124: p1 p2|most 1 99: p2",
		"unit=gpus&count=8&node_type=quad":                   "node_type 2: q1 q2 s1 s2|count 2: q1 q2|most 6 2: q1 q2",
		"node_type=plain&count=2&2.node_type=quad&2.count=3": "2.node_type 0: p1 p2 q2 s1 s2|2.count 2: p1 p2 q1 q2",
		"node_type=nothing&site_id=b&nearest=1":              "site_id: none|node_type 0: s1",
		"node_type=single&count=3&nearest=1":                 "hours: none|most 3 0: s1 s2 s3",
		"node_type=single&count=4":                           "node_type 0: s1 s2 s3 q2|count 0: s1 s2 s3|most 3 0: s1 s2 s3",
	} {
		found := slotsOf(t, get(t, w, "/nodes/slots?"+query))
		got := map[string]string{}
		for _, n := range found.Nearest {
			got[n.LetGo] = strings.SplitN(n.Slot.String(), " of", 2)[0]

			// The question has that slot.
			again := slotsOf(t, get(t, w, "/nodes/slots?"+n.Query))
			if len(again.Items) == 0 || again.Items[0].String() != n.Slot.String() {
				t.Errorf("%s has not the slot of %s: %v", n.Query, query, again.Items)
			}
		}
		if found.Most != nil {
			got["most"] = fmt.Sprint(found.Most.Count, " ", strings.SplitN(found.Most.Slot.String(), " of", 2)[0])
		}

		for line := range strings.SplitSeq(want, "|") {
			name, slot, _ := strings.Cut(line, " ")
			if name, ok := strings.CutSuffix(name, ":"); ok && got[name] != "" || !ok && got[name] != slot {
				t.Errorf("%s: %s is %q, want %q", query, name, got[name], slot)
			}
			delete(got, name)
		}
		if len(got) > 0 {
			t.Errorf("%s: %v, too", query, got)
		}
	}
}

// A question says, if it is asked to, in which ways and at which times it can be met, how
// long one has to wait for more, and which other hardware is as large.
func TestWaysToHaveSlots(t *testing.T) {
	t.Parallel()
	w := acceleratorsWorld(t)
	for query, want := range map[string]string{
		// Each type at each site is a way of its own.
		"unit=gpus&count=2&gpu=true&same_site=true&hours=3&before=2026-01-02": "0: s1 s2 [0-9] 3|0: q2 [0-9] 2",
		// No type at one site has as many: then nodes of several do.
		"count=5&before=2026-01-02&site_id=b,a&hours=2": "0: p1 p2 q2 s1 s2 [0-10] 7",
		// Several types are sooner than any one.
		"count=2&gpu=true&site_id=a,b&node_id=q1,q2,s3&hours=2&before=2026-01-02": "0: q2 s3 [0-10] 3|2: q1 q2 [2-10] 2",
		// Between two stretches a slot cannot start.
		"node_type=single&count=3&hours=2&before=2026-01-02": "0: s1 s2 s3 [0-3 9-10] 3",
		"node_type=nothing": "",
		// Of a mixture there is one way at each site.
		"node_type=quad&2.node_type=plain&same_site=true&before=2026-01-02": "0: q2 p1 [0-11] 0",
	} {
		var found struct {
			Ways []struct {
				Slot   foundSlot
				Nodes  int
				Starts []struct{ First, Last time.Time }
			}
			Sites []struct {
				SiteID string `json:"site_id"`
			}
		}
		unmarshal(t, get(t, w, "/nodes/slots?nearest=true&"+query).Body.Bytes(), &found)
		var texts []string
		for _, way := range found.Ways {
			var starts []string
			for _, p := range way.Starts {
				starts = append(starts, fmt.Sprintf("%v-%v", p.First.Sub(noon).Hours(), p.Last.Sub(noon).Hours()))
			}
			texts = append(texts, fmt.Sprintf("%s %v %d", strings.SplitN(way.Slot.String(), " of", 2)[0], starts, way.Nodes))
		}
		if got := strings.Join(texts, "|"); got != want || found.Ways == nil {
			t.Errorf("%s:\n%s, want\n%s", query, got, want)
		}
	}
}

func TestOtherHardwareThatIsAsLarge(t *testing.T) {
	t.Parallel()
	w := acceleratorsWorld(t)
	for query, want := range map[string]string{
		"node_type=single&count=2":                      "count=2&gpus=1..: q1 q2",
		"node_type=single&count=2&unit=gpus&min_gpus=1": "count=2&unit=gpus&min_gpus=1: q2",
		"node_type=quad":                                "gpus=2..:",
		"node_type=plain&hours=1":                       "hours=1: s1|q2",
		"gpu=true":                                      "none",
		"node_type=nothing":                             "none",
	} {
		var found struct {
			Alternatives *struct {
				Query string
				Ways  []struct{ Slot foundSlot }
			}
		}
		unmarshal(t, get(t, w, "/nodes/slots?nearest=true&"+query).Body.Bytes(), &found)
		got := "none"
		if a := found.Alternatives; a != nil {
			var nodes []string
			for _, way := range a.Ways {
				nodes = append(nodes, strings.Join(way.Slot.Nodes, " "))
			}
			plain, _ := url.QueryUnescape(a.Query)
			got = strings.TrimSpace(plain + ": " + strings.Join(nodes, "|"))
		}
		if got != want {
			t.Errorf("%s:\n%s, want\n%s", query, got, want)
		}
	}
}

func TestMostOfSlots(t *testing.T) {
	t.Parallel()
	w := acceleratorsWorld(t)
	for query, want := range map[string]string{
		"node_type=quad&nearest=1&hours=2":            "2 of 2: 1 from 0, 2 from 2",
		"unit=gpus&gpu=true&nearest=1&same_site=true": "6 of 6: 3 from 0, 6 from 2",
		"count=20": "7 of 7: 6 from 0, 7 from 2",
		"node_type=plain&2.node_type=quad&2.count=3":                  "0 of 0:; none; 2",
		"node_type=plain&2.node_type=quad&nearest=1":                  "2 of 0:; 2; 2",
		"gpu=true&count=2&2.gpu=true&2.site_id=b&2.count=2&nearest=1": "3 of 0:; 3; 3",
		"site_id=b&unit=gpus&count=2&2.site_id=b&2.count=2":           "1 of 0:; 1; 1",
		"site_id=b&unit=gpus&count=4&2.site_id=b&2.count=10":          "0 of 0:; none; none",
	} {
		type most struct {
			Count, All int
			Rises      []struct {
				Count int
				Start time.Time
			}
		}
		var found struct {
			Most  *most
			Parts []*most `json:"most_of_parts"`
		}
		unmarshal(t, get(t, w, "/nodes/slots?"+query).Body.Bytes(), &found)
		if found.Most == nil {
			found.Most = &most{}
		}
		var rises []string
		for _, r := range found.Most.Rises {
			rises = append(rises, fmt.Sprintf("%d from %v", r.Count, r.Start.Sub(noon).Hours()))
		}
		got := strings.TrimSpace(fmt.Sprintf("%d of %d: %s", found.Most.Count, found.Most.All, strings.Join(rises, ", ")))
		for _, part := range found.Parts {
			if got += "; none"; part != nil {
				got = strings.TrimSuffix(got, "none") + fmt.Sprint(part.Count)
			}
		}
		if got != want {
			t.Errorf("%s:\n%s, want\n%s", query, got, want)
		}
	}
}

func TestSlotPartsAreChecked(t *testing.T) {
	t.Parallel()
	w := acceleratorsWorld(t)
	for query, want := range map[string]string{
		"2.count=0":                            `"loc":["query","2.count"]`,
		"2.unit=cores":                         `"loc":["query","2.unit"]`,
		"unit=gpus&gpu=true&2.gpu=true":        "unit=nodes would do",
		"gpu=true&2.gpu=true&2.unit=gpus":      "2.unit=nodes would do",
		"2.colour=red&strict=true":             `"loc":["query","2.colour"]`,
		"6.node_type=quad&strict=true":         `"loc":["query","6.node_type"]`,
		"2.hours=4&strict=true":                `"loc":["query","2.hours"]`,
		"2.node_type=quat&strict=true":         "did you mean quad?",
		"2.min_ram=x":                          `"loc":["query","2.min_ram"]`,
		"count=2&hours=0&2.hours=4&2.count=10": `"loc":["query","hours"]`,
	} {
		if res := get(t, w, "/nodes/slots?"+query); res.Code != 422 || !strings.Contains(res.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", query, res.Code, res.Body, want)
		}
	}

	res := get(t, w, "/nodes/slots?2.colour=red&2.hours=4")
	if got := res.Header().Get("Ignored-Parameters"); got != `"2.colour", "2.hours"` {
		t.Errorf("ignored: %s", got)
	}
}
