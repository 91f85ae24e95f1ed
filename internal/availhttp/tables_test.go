package availhttp_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/route"
)

// A search as CSV has the cells of nodes.csv, of the nodes that it finds.
func TestSearchTable(t *testing.T) {
	t.Parallel()
	w := worldOf(t, anomalies)
	file, err := os.ReadFile(filepath.Join(w.tree.Dir, filepath.FromSlash(route.AllNodesTable.File())))
	if err != nil {
		t.Fatal(err)
	}
	want, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}

	r := get(t, w, "/nodes/search.csv")
	got, err := csv.NewReader(r.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range got {
		last := len(line) - 2
		if i == 0 && !slices.Equal(line[last:], []string{"availability", "availability_until"}) {
			t.Errorf("the last columns are %q", line[last:])
		}
		got[i] = line[:last]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nodes.csv and the search (-file +search):\n%s", diff)
	}
	if all := strings.Join(want[0], ","); get(t, w, "/nodes/search.csv?columns="+all).Body.String() != string(file) {
		t.Error("with the columns of nodes.csv it differs from the file")
	}
}

// All tables of a search have the same nodes, in the order that is wanted.
func TestSearchTables(t *testing.T) {
	t.Parallel()
	w := worldOf(t, anomalies)
	const query = "?gpu=true&sort=-threads,uid&columns=uid,infiniband,gpu_count,threads,storage_media,nope,uid,availability"
	for path, want := range map[string]string{
		"/nodes/search.csv": "uid,infiniband,gpu_count,threads,storage_media,availability\r\n" +
			"d,false,3,8,,unknown\r\nc,false,2,0,,unknown\r\n",
		"/nodes/search.ndjson": `{"uid":"d","infiniband":null,"gpu_count":3,"threads":8,"storage_media":null,"availability":"unknown"}` +
			"\n" + `{"uid":"c","infiniband":null,"gpu_count":2,"threads":null,"storage_media":null,"availability":"unknown"}` + "\n",
		"/nodes/search.md": "| uid | InfiniBand | GPUs | threads | Storage media | availability |\n" +
			"| --- | --- | --- | --- | --- | --- |\n| d |  | 3 | 8 |  | unknown |\n| c |  | 2 |  |  | unknown |\n",
	} {
		r := get(t, w, path+query)
		if r.Code != http.StatusOK || r.Body.String() != want {
			t.Errorf("%s: %d\n%s\nwant\n%s", path, r.Code, r.Body, want)
		}
	}

	var search struct{ Items []json.RawMessage }
	if err := json.Unmarshal(get(t, w, "/nodes/search?sort=-uid").Body.Bytes(), &search); err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(get(t, w, "/nodes/search.ndjson?sort=-uid").Body.String()), "\n") {
		if line != string(search.Items[i]) {
			t.Errorf("line %d is %s, want %s", i, line, search.Items[i])
		}
	}
}

// Tables are cached as searches are, and refuse what searches refuse.
func TestSearchTableAnswers(t *testing.T) {
	t.Parallel()
	w := worldOf(t, anomalies)
	for path, mediaType := range map[string]string{
		"/nodes/search.csv": "text/csv; charset=utf-8", "/nodes/search.ndjson": "application/x-ndjson",
		"/nodes/search.md": "text/markdown; charset=utf-8",
	} {
		r, json := get(t, w, path), get(t, w, "/nodes/search")
		if got := r.Header().Get("Content-Type"); got != mediaType {
			t.Errorf("%s is %s", path, got)
		}
		for _, name := range []string{"Cache-Control", "Last-Modified", "Vary"} {
			if got, want := r.Header().Get(name), json.Header().Get(name); got != want {
				t.Errorf("%s has %s %q, the search %q", path, name, got, want)
			}
		}
		if r.Header().Get("ETag") == "" {
			t.Errorf("%s has no entity tag", path)
		}

		for query, want := range map[string]string{
			"?limit=10001": `"limit"`, "?sort=nope": `"sort"`, "?start=2026-01-01": `Provide both start and end`,
			"?strict=true&columns=gpu_nam": `did you mean gpu_name?`, "?strict=true&fields=uid": `"fields"`,
		} {
			r := get(t, w, path+query)
			if r.Code < 400 || !strings.Contains(r.Body.String(), want) {
				t.Errorf("%s%s: %d %s", path, query, r.Code, r.Body)
			}
		}
	}

	if r := get(t, w, "/nodes/search.csv?fields=uid"); r.Header().Get(route.IgnoredParameters) != `"fields"` {
		t.Error("nothing says that fields is ignored")
	}
}

// No text of a node ends a cell, or means something to who shows the table.
func TestHostileTables(t *testing.T) {
	t.Parallel()
	const hostile = `=1+1|\n<script>[x](javascript:y)\\|\"`
	w := worldOf(t, strings.Replace(anomalies, `{"uid":"a",`, `{"uid":"a","node_name":"`+hostile+`",`, 1))
	for path, want := range map[string]string{
		"/nodes/search.csv?q=script&columns=node_name": "node_name\r\n\"'=1+1|\r\n<script>[x](javascript:y)\\|\"\"\"\r\n",
		"/nodes/search.md?q=script&columns=node_name":  "| node_name |\n| --- |\n| =1+1\\| \\<script\\>\\[x\\](javascript:y)\\\\\\|\" |\n",
	} {
		if got := get(t, w, path).Body.String(); got != want {
			t.Errorf("%s:\n%q, want\n%q", path, got, want)
		}
	}
}
