package build_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// kindred are nodes of two types, one of which has variants and hosts of virtual machines.
const kindred = `
-- commit one --

One
-- t/t.json --
{"uid":"t"}
-- t/node_types/g.md --
For *learning*.
-- t/sites/a/a.json --
{"uid":"a"}
-- t/sites/a/clusters/c/c.json --
{"uid":"c"}
-- t/sites/a/clusters/c/nodes/n1.json --
{"uid":"n1","node_type":"g","main_memory":{"ram_size":1},"gpu":{"gpu":false}}
-- t/sites/a/clusters/c/nodes/n2.json --
{"uid":"n2","node_type":"g","main_memory":{"ram_size":2},"node_name":"two","gpu":{"gpu":true,"gpu_count":2}}
-- t/sites/a/flavors/m1.json --
{"uid":"m1"}
-- t/sites/b/b.json --
{"uid":"b"}
-- t/sites/b/clusters/c/c.json --
{"uid":"c"}
-- t/sites/b/clusters/c/nodes/n3.json --
{"uid":"n3","node_type":"g","main_memory":{"ram_size":2},"gpu":{"gpu":true,"gpu_count":2},"chassis":{"serial":"x"}}
-- t/sites/b/clusters/c/nodes/n4.json --
{"uid":"n4","node_type":"g","main_memory":{"ram_size":2},"gpu":{"gpu":true,"gpu_count":2},"cooling":"water","lease_mode":"flavor"}
-- t/sites/b/clusters/c/nodes/n5.json --
{"uid":"n5","node_type":"/e"}
-- t/sites/b/clusters/c/nodes/n6.json --
{"uid":"n6"}
`

// A type of nodes has a file: what they have in common, and who differs in what.
func TestNodeTypes(t *testing.T) {
	t.Parallel()
	files := written(t, fromTxtar(t, kindred))

	var got struct {
		Description     string
		Nodes           int
		By_flavor       int
		Sites, Variants json.RawMessage
		Hardware        map[string]any
		Links           []struct{ Rel, Href string }
	}
	if err := json.Unmarshal(files["node_types/g.json"], &got); err != nil {
		t.Fatal(err)
	}
	if got.Nodes != 4 || got.By_flavor != 1 || got.Description != "For *learning*.\n" {
		t.Errorf("%d nodes, %d by flavor: %q", got.Nodes, got.By_flavor, got.Description)
	}
	if want := `[{"site_id":"a","nodes":2},{"site_id":"b","nodes":2}]`; string(got.Sites) != want {
		t.Errorf("the sites are %s, want %s", got.Sites, want)
	}
	if want := `[{"differs_in":[],"hardware":{},"nodes":[{"node_id":"n2","node_name":"two","site_id":"a","cluster_id":"c"},` +
		`{"node_id":"n3","node_name":null,"site_id":"b","cluster_id":"c"}]},` +
		`{"differs_in":["gpu","main_memory"],"hardware":{"gpu":false,"gpu_count":0,"gpu_family":"","gpu_memory_bytes":0,"gpu_model":"","gpu_name":"","ram_bytes":1},"nodes":[{"node_id":"n1","node_name":null,"site_id":"a","cluster_id":"c"}]},` +
		`{"differs_in":["cooling"],"hardware":{},"nodes":[{"node_id":"n4","node_name":null,"site_id":"b","cluster_id":"c"}]}]`; string(got.Variants) != want {
		t.Errorf("the variants are\n%s, want\n%s", got.Variants, want)
	}
	if got.Hardware["ram_bytes"] != 2.0 || got.Hardware["gpu"] != true || got.Hardware["arch"] != nil {
		t.Errorf("the hardware is %v", got.Hardware)
	}
	if _, has := got.Hardware["site_id"]; has {
		t.Error("a site is said to be hardware")
	}
	if last := got.Links[len(got.Links)-1]; last.Rel != "flavors" || last.Href != "/sites/a/flavors" {
		t.Errorf("the last link is %v, want that to the flavors", last)
	}

	var list struct {
		Items []struct {
			Node_type   string
			Description *string
			Links       []struct{ Href string }
		}
	}
	if err := json.Unmarshal(files["node_types.json"], &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 2 || list.Items[0].Node_type != "/e" || list.Items[0].Description != nil {
		t.Fatalf("the list is %s", files["node_types.json"])
	}
	for _, item := range list.Items {
		if files[strings.TrimPrefix(item.Links[0].Href, "/")+".json"] == nil {
			t.Errorf("%s leads nowhere", item.Links[0].Href)
		}
	}
}
