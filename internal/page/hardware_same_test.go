package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The page of a type says which of its nodes have identical hardware, and in what the
// others differ: what is bold in a column is not told again. Each node is there once, with a link.
func TestIdenticalHardware(t *testing.T) {
	t.Parallel()
	const dir = "-- d/sites/s/clusters/c/nodes/"
	node := func(uid, memory, gpu string) string {
		return fmt.Sprintf("%s%s.json --\n{\"uid\": %q, \"node_type\": \"t\", \"main_memory\": {\"ram_size\": %s}%s}\n",
			dir, uid, uid, memory, gpu)
	}

	const gpu = `, "gpu": {"gpu": true, "gpu_count": 4}`
	for name, tt := range map[string]struct{ nodes, summary, groups string }{
		"the only one": {nodes: node("a", "1", ""), summary: "The only node has this hardware."},
		"all the same": {nodes: node("a", "1", "") + node("b", "1", ""), summary: "All 2 nodes have this hardware."},
		"others": {
			nodes: node("a", "2", "") + node("b", "1", "") + node("c", "1", "") + node("d", "2", "") +
				node("e", "1", "") + node("f", "3", "") + node("g", "4", "") + node("h", "1", gpu) + node("i", "5", ""),
			summary: "3 of 9 nodes have this hardware. The others differ in GPU, Main memory: see variants.",
			groups: "3 nodes: b, c, e; 3 nodes, no two identical, 3\u00a0B or 4\u00a0B or 5\u00a0B: f, g, i; " +
				"2 nodes, 2\u00a0B: a, d; 1 node, GPU: h",
		},
		"nothing to show": {
			nodes:   node("a", "1", "") + node("b", "0", ""),
			summary: "1 of 2 nodes has this hardware. The others differ in Main memory: see variants.",
			groups:  "1 node: a; 1 node, Main memory: b",
		},
		"none the same": {
			nodes:   node("a", "1", "") + node("b", "2", ""),
			summary: "1 of 2 nodes has this hardware. The others differ in Main memory: see variants.",
			groups:  "1 node: a; 1 node, 2\u00a0B: b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := pages(t, treetest.Repo(t, smallGrid+tt.nodes), build.Options{})["/hardware/types/t"]
			if got := d.paragraphs(); !slices.Contains(got, tt.summary) {
				t.Errorf("the page says %q, want %q", got, tt.summary)
			}

			var groups []string
			for _, row := range d.variants() {
				groups = append(groups, strings.Join(slices.DeleteFunc(row[:3], isEmpty), ", ")+": "+row[3])
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
	if !slices.Contains(d.headings("h2"), "Variants") {
		t.Errorf("the page has the sections %q", d.headings("h2"))
	}
}

func isEmpty(text string) bool { return text == "" }

// variants are the rows of a type's variants: how many, what is bold, in what else they differ,
// and which.
func (d document) variants() (rows [][]string) {
	hasOthers := slices.ContainsFunc(d.all("main", "th"), func(th *html.Node) bool { return content(th) == "Also differs in" })
	for _, tr := range d.all("main", "tr") {
		row := document{tr}
		cells := row.all("", "td")
		if len(cells) == 0 || attribute(cells[0], "data-uids") == "" {
			continue
		}
		var bold []string
		for _, b := range row.all("", "b") {
			bold = append(bold, content(b))
		}
		others := ""
		if hasOthers {
			others = content(cells[len(cells)-2])
		}
		rows = append(rows, []string{content(row.all("", "th")[0]), strings.Join(bold, ", "), others, content(cells[len(cells)-1])})
	}
	return rows
}
