package openapi_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// No file of the real repository may have a value of another type than the document
// says: a client that decodes strictly would lose the complete answer.
func TestRealResourcesFitDocument(t *testing.T) {
	t.Parallel()
	v := validator(t, openapi.Options{})
	links := api.Links{Version: "5da059049fb24a6d76435e52538ee1cb47a0545f"}

	for _, open := range []func(testing.TB, string) (*gitrepo.Repo, bool){treetest.Real, treetest.RealFlavors} {
		repo, ok := open(t, "../..")
		if !ok {
			return
		}

		head, err := repo.Resolve("HEAD")
		if err != nil {
			t.Fatal(err)
		}

		checked := 0
		for r := range treetest.Grid(t, repo, head).Resources() {
			bodies := map[string]any{}
			switch r.Kind {
			case route.SiteKind:
				bodies["Site"] = links.Site(r.File.Object, r.Site)
			case route.ClusterKind:
				bodies["Cluster"] = links.Cluster(r.File.Object, r.Site, r.Cluster)
			case route.NodeKind:
				bodies["ClusterNode"] = links.Node(r.File.Object, r.Site, r.Cluster, r.UID)
				bodies["NodeEntry"] = api.NewNodeEntry(r.Site, r.Cluster, r.File.Object)
			case route.FlavorKind:
				bodies["Flavor"] = links.Flavor(r.File.Object, r.Site, r.UID)
				bodies["FlavorEntry"] = api.NewFlavorEntry(r.Site, r.File.Object)
			}

			for component, body := range bodies {
				checked++
				if err := v.Component(component, api.Encode(body)); err != nil {
					t.Errorf("%s as %s: %v", r.File.Path, component, err)
				}
			}
		}
		if checked < 1000 {
			t.Errorf("only %d bodies were checked", checked)
		}
	}
}
