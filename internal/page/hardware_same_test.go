package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The page of a type says which of its nodes have identical hardware, and in what the
// others differ. Each node is there once, with a link.
func TestIdenticalHardware(t *testing.T) {
	t.Parallel()
	const dir = "-- d/sites/s/clusters/c/nodes/"
	node := func(uid, memory, gpu string) string {
		return fmt.Sprintf("%s%s.json --\n{\"uid\": %q, \"node_type\": \"t\", \"main_memory\": {\"ram_size\": %s}%s}\n",
			dir, uid, uid, memory, gpu)
	}

	const gpu = `, "gpu": {"gpu": true, "gpu_count": 4}`
	for name, tt := range map[string]struct{ nodes, summary, groups string }{
		"the only one": {nodes: node("a", "1", ""), summary: "The only node has this hardware:"},
		"all the same": {nodes: node("a", "1", "") + node("b", "1", ""), summary: "All 2 nodes have this hardware:"},
		"others": {
			nodes: node("a", "2", "") + node("b", "1", "") + node("c", "1", "") + node("d", "2", "") +
				node("e", "1", "") + node("f", "3", "") + node("g", "4", "") + node("h", "1", gpu) + node("i", "5", ""),
			summary: "3 of 9 nodes have this hardware. The others differ: see identical hardware.",
			groups: "Most common: 3 nodes with identical hardware: b, c, e; " +
				"Differs in Main memory: 3 nodes, no two of them identical: f, g, i; " +
				"Differs in Main memory: 2 nodes with identical hardware: a, d; " +
				"Differs in GPU: 1 node: h",
		},
		"none the same": {
			nodes:   node("a", "1", "") + node("b", "2", ""),
			summary: "1 of 2 nodes has this hardware. The others differ: see identical hardware.",
			groups:  "Most common: 1 node: a; Differs in Main memory: 1 node: b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pages(t, treetest.Repo(t, smallGrid+tt.nodes), build.Options{})["/hardware/types/t"]
			if got := d.paragraphs()[0]; got != tt.summary {
				t.Errorf("the summary is %q, want %q", got, tt.summary)
			}

			var groups []string
			for _, ul := range d.all("main", "ul") {
				if attribute(ul, "class") != "same" {
					continue
				}
				for _, li := range (document{ul}).all("", "li") {
					var texts []string
					for _, p := range (document{li}).all("", "p") {
						texts = append(texts, content(p))
					}
					groups = append(groups, strings.Join(texts, ": "))
				}
			}
			if got := strings.Join(groups, "; "); got != tt.groups {
				t.Errorf("the groups are\n%q, want\n%q", got, tt.groups)
			}
		})
	}
}

// Many names are folded.
func TestManyNodesWithIdenticalHardware(t *testing.T) {
	t.Parallel()
	var nodes strings.Builder
	for n := range 14 {
		fmt.Fprintf(&nodes, "-- d/sites/s/clusters/c/nodes/n%02d.json --\n{\"uid\": \"n%02d\", \"node_type\": \"t\", \"infiniband\": %t}\n",
			n, n, n == 0)
	}

	d := pages(t, treetest.Repo(t, smallGrid+nodes.String()), build.Options{})["/hardware/types/t"]
	if folded := d.all("main", "details"); len(folded) != 1 || len((document{folded[0]}).all("", "a")) != 13 {
		t.Errorf("%d lists of names are folded", len(folded))
	}
	if !slices.Contains(d.headings("h2"), "Identical hardware") {
		t.Errorf("the page has the sections %q", d.headings("h2"))
	}
}
