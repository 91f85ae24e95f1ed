package inventory_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path string
		want inventory.Place
	}{
		{"grid.json", inventory.Place{Kind: route.GridKind, UID: "grid"}},
		{"sites/s/s.json", inventory.Place{Kind: route.SiteKind, Site: "s", UID: "s"}},
		{"sites/s/flavors/m1.large.json", inventory.Place{Kind: route.FlavorKind, Site: "s", UID: "m1.large"}},
		{"sites/s/clusters/c/c.json", inventory.Place{Kind: route.ClusterKind, Site: "s", Cluster: "c", UID: "c"}},
		{"sites/s/clusters/c/nodes/n.json", inventory.Place{Kind: route.NodeKind, Site: "s", Cluster: "c", UID: "n"}},
		{"sites/s/clusters/c/nodes/versions.json",
			inventory.Place{Kind: route.NodeKind, Site: "s", Cluster: "c", UID: "versions"}},
		{"other.json", inventory.Place{}},
		{"sites/s.json", inventory.Place{}},
		{"sites/s/other.json", inventory.Place{}},
		{"sites/s/clusters/c.json", inventory.Place{}},
		{"sites/s/clusters/c/other.json", inventory.Place{}},
		{"sites/s/clusters/c/nodes/n.txt", inventory.Place{}},
		{"sites/s/clusters/c/nodes/.json", inventory.Place{}},
		{"sites/s/clusters/c/nodes/.hidden.json", inventory.Place{}},
		{"sites/s/clusters/c/nodes/a/n.json", inventory.Place{}},
		{"sites/s/clusters/c/more/n.json", inventory.Place{}},
		{"sites/versions/versions.json", inventory.Place{}},
		{"sites/s/clusters/versions/nodes/n.json", inventory.Place{}},
		{"sites/s/flavors/versions.json", inventory.Place{}},
		{"sites/s/clusters/c/nodes/a?b.json", inventory.Place{}},
	} {
		for _, dir := range []string{"data/grid", "."} {
			g := &inventory.Grid{Dir: dir, UID: "grid"}
			prefix := ""
			if dir != "." {
				prefix = dir + "/"
			}

			g.File.Path = prefix + "grid.json"
			got, ok := g.Place(prefix + tt.path)
			if got != tt.want || ok != (tt.want != inventory.Place{}) {
				t.Errorf("below %s, %s is %+v, %v, want %+v", dir, tt.path, got, ok, tt.want)
			}

			if dir != "." {
				if got, ok := g.Place("x/" + tt.path); ok {
					t.Errorf("outside of %s, %s is %+v", dir, tt.path, got)
				}
			}
		}
	}
}
