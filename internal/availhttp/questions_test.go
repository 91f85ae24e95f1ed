package availhttp_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// testbeds are the repositories of testdata/questions.txt, in the order of its columns.
var testbeds = []struct {
	name, rev string
	open      func(t testing.TB, root string) (*gitrepo.Repo, bool)
}{
	{"sample", "main", openSample},
	{"Chameleon", "5da05904", treetest.Real},
	{"Chameleon with flavors", "16ff1a6", treetest.RealFlavors},
	{"Grid'5000", "fe2be30", treetest.Grid5000},
}

func openSample(t testing.TB, _ string) (*gitrepo.Repo, bool) {
	t.Helper()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	return repo, true
}

var askGrid5000 = flag.Bool("grid5000", false, "ask the questions of Grid'5000's repository, too: reading it takes ten seconds")

// TestQuestions asks the API, and the filter of the hardware browser's list, what
// researchers ask: both find the same nodes, as many as there are. The same goes for each
// value of each facet.
func TestQuestions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/questions.txt")
	if err != nil {
		t.Fatal(err)
	}

	for column, testbed := range testbeds {
		t.Run(testbed.name, func(t *testing.T) {
			t.Parallel()
			if testbed.name == "Grid'5000" && !*askGrid5000 {
				t.Skip("with -grid5000")
			}
			repo, ok := testbed.open(t, "../..")
			if !ok {
				t.Skip("no real data")
			}
			defer repo.Close()
			b := newCommitWorld(t, repo, testbed.rev)

			var asked []question
			for line := range strings.Lines(string(text)) {
				if cells := strings.Split(line, " | "); len(cells) == 3 {
					want, err := strconv.Atoi(strings.Fields(cells[2])[column])
					if err != nil {
						t.Fatal(err)
					}
					asked = append(asked, question{cells[1], want})
				}
			}
			if len(asked) < 40 {
				t.Fatalf("only %d questions", len(asked))
			}

			asked = append(asked, b.questionsOfFacets()...)
			for _, query := range alike() {
				asked = append(asked, question{query, -1})
			}
			onPage := b.askPage(t, asked)
			for i, q := range asked {
				found := b.askAPI(t, q.query)
				if q.want >= 0 && len(found) != q.want {
					t.Errorf("%s finds %d nodes, want %d", q.query, len(found), q.want)
				}
				if onPage != nil && !slices.Equal(onPage[i], found) {
					t.Errorf("%s finds %d nodes on the page, and %d by the API", q.query, len(onPage[i]), len(found))
				}
			}
			t.Logf("%d questions about %d nodes", len(asked), len(b.nodes))
		})
	}
}

// alike returns queries that the page and the API are to read alike, whatever they find.
func alike() (queries []string) {
	properties := hardware.Properties()
	for i := range properties {
		p := &properties[i]
		for name, value := range map[string]string{p.Search: p.Example, p.Min: p.Example, p.Range: p.RangeExample} {
			if name != "" && value != "" {
				queries = append(queries, url.Values{name: {value}}.Encode())
			}
		}
	}

	for name, values := range map[string][]string{
		"q": {"ｄｅｌｌ", "De\u0301ll", "[A100", "GEFORCE", "rtx 6000", "25g", "25GbE", "\u0130ntel", "Σ", "  a  b ", "(R)", "a|b"},
		"ram": {
			"128GB", "128gb,256 GiB", "..1TiB", "0..64G", "192GiB..192GiB", "64GiB..", "unstated", "1", "0", "99TiB..",
			"206158430208,unstated",
		},
		"storage":       {"480GB", "2TB", "1.9TB..2tb", "unstated", "500g.."},
		"gpus":          {"..0", "0", "0..1", "2,4"},
		"network_rate":  {"25G", "10Gbps..25Gbit/s", "unstated", "100000Mbit/s"},
		"clock_speed":   {"2.6GHz", "..2.2ghz"},
		"infiniband":    {"1", "No", "unstated,on", "stated_false", "false,true"},
		"node_type":     {"", ",", "compute_skylake, gpu_p100", "a\\,b", "unstated"},
		"storage_media": {"hdd,Rotational", "unstated"},
		"gpu_family":    {"nvidia a100", "100", "A100,MI100"},
		"gpu_model":     {"\"P100\"", "p100", "\"\"", "\""},
		"min_ram":       {"128_000_000_000", "+1", "1.0"},
	} {
		for _, value := range values {
			queries = append(queries, url.Values{name: {value}}.Encode())
		}
	}
	return append(queries, "storage=1TB..&storage_media=ssd", "min_storage=1&storage=..1TB&storage_media=hdd,ssd",
		"gpu=true&gpu=false", "node_type=a&node_type=gpu_p100&rack=1,2")
}

// question is a query, and how many nodes it is to find: -1 where that does not matter.
type question struct {
	query string
	want  int
}

// commitWorld is one commit of a repository, as the live service and the browser have it.
type commitWorld struct {
	nodes   []hardware.Node
	handler http.Handler
	index   []byte // of the hardware browser
}

// newCommitWorld reads a commit. A whole release would take a minute.
func newCommitWorld(t *testing.T, repo *gitrepo.Repo, rev string) *commitWorld {
	t.Helper()
	_, grid, _ := treetest.Load(t, repo, treetest.Revision(t, repo, rev))
	b := &commitWorld{}
	var sites, entries []any
	names := map[string]string{}
	for s := range grid.In(inventory.Place{}, route.SiteKind) {
		names[s.UID], _ = s.File.Object.String("name")
		sites = append(sites, map[string]string{"uid": s.UID, "name": names[s.UID]})
	}
	for n := range grid.In(inventory.Place{}, route.NodeKind) {
		at := hardware.Place{Site: n.Site, SiteName: names[n.Site], Cluster: n.Cluster, UID: n.UID}
		b.nodes = append(b.nodes, hardware.ReadNode(at, n.File.Object))
		entries = append(entries, api.NewNodeEntry(n.Site, n.Cluster, n.File.Object))
	}

	b.handler = handlerOf(t, sites, entries)
	b.index = indexOf(t, grid, b.nodes)
	return b
}

// handlerOf returns the live service of a release that has only some nodes.
func handlerOf(t *testing.T, sites, nodes []any) http.Handler {
	t.Helper()
	collection := func(items []any) any { return map[string]any{"total": len(items), "offset": 0, "items": items} }
	files := map[string]any{
		route.Root.File(): map[string]any{"timestamp": "1782506712"}, route.Versions.File(): map[string]any{},
		route.Sites.File(): collection(sites), route.AllNodes.File(): collection(nodes),
	}
	r, err := release.New(&tree.Manifest{}, time.Time{}, func(file string) ([]byte, error) {
		return api.Encode(files[file]), nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return availhttp.New(availhttp.Options{
		Release: func() *release.Release { return r }, Monitor: newBoard(), Now: func() time.Time { return noon },
		Log: slog.New(slog.DiscardHandler), Metrics: availhttp.NewMetrics("test"),
	})
}

// indexOf returns the file that the list of the hardware browser filters.
func indexOf(t *testing.T, grid *inventory.Grid, nodes []hardware.Node) []byte {
	t.Helper()
	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := page.New(page.Options{}, assets)
	if err != nil {
		t.Fatal(err)
	}
	h, err := renderer.Hardware(grid, nodes)
	if err != nil {
		t.Fatal(err)
	}
	return h.Index()
}

// questionsOfFacets returns a question for each value of each facet, and for what is not
// stated.
func (b *commitWorld) questionsOfFacets() (all []question) {
	table := hardware.Properties()
	for row := range table {
		p := &table[row]
		param := p.Search
		if param == "" {
			param = p.Range
		}
		if p.Facet == "" || param == "" {
			continue
		}

		ask := func(value string, nodes int) {
			all = append(all, question{url.Values{param: {value}}.Encode(), nodes})
		}
		for _, v := range table.Count(row, b.nodes) {
			value := route.ListValue(v.Value)
			if p.Match == hardware.Contains {
				value = `"` + value + `"`
			}
			ask(value, v.Nodes)
		}
		if unstated, ok := table.CountUnstated(row, b.nodes); ok && p.Name != "leased_by" {
			ask(hardware.IsUnstated, unstated)
		}
	}
	return all
}

// askAPI returns the uids that a search finds, sorted.
func (b *commitWorld) askAPI(t *testing.T, query string) (uids []string) {
	t.Helper()
	for {
		w := httptest.NewRecorder()
		target := fmt.Sprintf("/nodes/search?%s&fields=uid&offset=%d", query, len(uids))
		b.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		var got struct {
			Total int
			Items []struct{ UID string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		for _, item := range got.Items {
			uids = append(uids, item.UID)
		}
		if len(uids) == got.Total {
			slices.Sort(uids)
			return uids
		}
	}
}

// askPage returns the uids that the list's filter finds for each question, sorted; nil
// without Node.js.
func (b *commitWorld) askPage(t *testing.T, asked []question) (found [][]string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Log("Node.js is missing: only the API is asked")
		return nil
	}

	var queries []string
	for _, q := range asked {
		queries = append(queries, q.query)
	}
	module, err := filepath.Abs("../../templates/filter.js")
	if err != nil {
		t.Fatal(err)
	}

	script := `import { readFileSync } from "node:fs";
const { module, index, queries } = JSON.parse(readFileSync(0));
const { Filter } = await import(module);
const filter = new Filter(index);
console.log(JSON.stringify(queries.map((query) => {
	filter.apply(new URLSearchParams(query), "");
	return [...filter.matches.subarray(0, filter.found)].map((i) => index.uid[i]).sort();
})));`
	input, err := json.Marshal(map[string]any{
		"module": "file://" + module, "index": json.RawMessage(b.index), "queries": queries,
	})
	if err != nil {
		t.Fatal(err)
	}

	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "-e", script)
	cmd.Stdin = strings.NewReader(string(input))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found
}
