package build_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// hostile is a node whose texts would like to be more.
const hostile = `
-- commit one --
Date: 2025-01-01T00:00:00Z

one
-- t/t.json --
{"uid":"t"}
-- t/sites/s/s.json --
{"uid":"s"}
-- t/sites/s/clusters/c/c.json --
{"uid":"c"}
-- t/sites/s/clusters/c/nodes/a.json --
{"uid":"a","node_name":"=HYPERLINK(\"x\")","node_type":"a,\"b\"\nc","admin_note":"@SUM(1)","gpu":{"gpu":true,"gpu_model":"<script>"},"placement":{"rack":-1},"node_mode":"vm_only",
 "network_adapters":[{"enabled":"true","rate":10},{"enabled":false,"rate":99},3],"storage_devices":[{"media_type":"SSD","size":5},{"media_type":"SSD","size":6}]}
-- t/sites/s/clusters/c/nodes/b.json --
{"uid":"b"}
-- t/sites/s/flavors/m1.json --
{"uid":"m1","vcpus":"2","links":[]}
`

// written are a site's files by path.
func written(t *testing.T, repo *gitrepo.Repo) map[string][]byte {
	t.Helper()
	files := treetest.Files(t, treetest.Input(t, repo, "", build.Options{}))
	all := map[string][]byte{}
	for _, f := range files {
		all[f.Path] = f.Body
	}
	return all
}

func fromTxtar(t *testing.T, archive string) *gitrepo.Repo {
	t.Helper()
	repo := treetest.Repo(t, archive)
	return repo
}

// header is what programs rely on: columns may be added behind, and nothing
// else.
const header = "uid,node_name,node_type,site_id,cluster_id,arch,processor_vendor,processor_model,processors,cores,clock_speed_hz,ram_bytes," +
	"gpu,gpu_count,gpu_vendor,gpu_model,fpga_vendor,fpga_model,infiniband,storage_devices,storage_bytes,storage_media,network_adapters,network_rate_bps," +
	"chassis_vendor,chassis_model,rack,admin_note,leased_by,threads,physical_cores"

func TestTable(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(bytes.NewReader(written(t, fromTxtar(t, hostile))["nodes.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || !strings.HasPrefix(strings.Join(rows[0], ","), header) {
		t.Fatalf("%d rows, %q", len(rows), rows[0])
	}

	cell := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for name, want := range map[string]string{
		"uid": "a", "node_name": `'=HYPERLINK("x")`, "node_type": "a,\"b\"\nc", "admin_note": "'@SUM(1)", "gpu": "true", "gpu_count": "1", "gpu_model": "<script>", "leased_by": "flavor",
		"rack": "'-1", "network_adapters": "1", "network_rate_bps": "99", "storage_devices": "2", "storage_bytes": "11", "storage_media": "SSD", "ram_bytes": "0",
	} {
		if got := cell(1, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}

	if cell(2, "uid") != "b" || cell(2, "gpu") != "false" || cell(2, "node_name") != "" ||
		cell(2, "leased_by") != "node" {
		t.Errorf("an empty node: %q", rows[2])
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	all := written(t, fromTxtar(t, hostile))
	var nodes struct{ Items []json.RawMessage }
	if err := json.Unmarshal(all["nodes.json"], &nodes); err != nil {
		t.Fatal(err)
	}

	lines := bytes.Split(bytes.TrimSuffix(all["nodes.ndjson"], []byte("\n")), []byte("\n"))
	if len(lines) != 2 || len(nodes.Items) != 2 {
		t.Fatalf("%d lines, %d items", len(lines), len(nodes.Items))
	}

	for i := range lines {
		if !bytes.Equal(lines[i], nodes.Items[i]) {
			t.Errorf("line %d is %s, want %s", i, lines[i], nodes.Items[i])
		}
	}

	if got, want := string(all["flavors.json"]), `"items":[{"uid":"m1","site_id":"s","vcpus":"2"}]`; !strings.Contains(got, want) {
		t.Errorf("flavors %s", got)
	}
}

// Every facet counts what the table of nodes says, by another way of counting.
func TestRealFacets(t *testing.T) {
	t.Parallel()
	for name, repo := range repositories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := written(t, repo)
			rows, err := csv.NewReader(bytes.NewReader(all["nodes.csv"])).ReadAll()
			if err != nil {
				t.Fatal(err)
			}

			var facets struct {
				Total int
				Items []struct {
					Name   string
					Values []struct {
						Value any
						Count int
					}
				}
			}
			if err := json.Unmarshal(all["nodes/facets.json"], &facets); err != nil {
				t.Fatal(err)
			}

			if facets.Total != len(rows)-1 || len(facets.Items) < 12 {
				t.Errorf("%d nodes, %d facets", facets.Total, len(facets.Items))
			}

			columns := map[string]string{
				"gpus": "gpu_count", "ram": "ram_bytes", "gpu_memory": "gpu_memory_bytes", "network_rate": "network_rate_bps",
			}
			for _, f := range facets.Items {
				column := slices.Index(rows[0], cmp(columns[f.Name], f.Name))
				want := map[string]int{}
				for _, row := range rows[1:] {
					values := []string{row[column]}
					if f.Name == "storage_media" || f.Name == "features" {
						values = strings.Fields(row[column])
					}

					for _, v := range values {
						if v != "" && v != "0" {
							want[strings.TrimPrefix(v, "'")]++
						}
					}
				}

				got := map[string]int{}
				for _, v := range f.Values {
					text, ok := v.Value.(string)
					if n, isNumber := v.Value.(float64); isNumber {
						text, ok = strconv.FormatInt(int64(n), 10), true
					}
					if !ok {
						t.Errorf("%s: %v", f.Name, v.Value)
					}
					got[text] = v.Count
				}

				if !maps.Equal(got, want) {
					t.Errorf("%s: %v, want %v", f.Name, got, want)
				}
			}
		})
	}
}

func cmp(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func repositories(t *testing.T) map[string]*gitrepo.Repo {
	t.Helper()
	s, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	all := map[string]*gitrepo.Repo{"hostile": fromTxtar(t, hostile), "sample": s}
	if repo, ok := treetest.RealFlavors(t, "../.."); ok { // it has all that the other one has
		all["real"] = repo
	}

	return all
}
