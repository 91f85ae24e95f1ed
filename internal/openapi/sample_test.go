package openapi_test

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// sampleFiles builds the sample's tree.
func sampleFiles(t *testing.T, o build.Options) []tree.File {
	t.Helper()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	return buildFiles(t, repo, "data/sample", o)
}

func buildFiles(t *testing.T, repo *gitrepo.Repo, dir string, o build.Options) []tree.File {
	t.Helper()
	head, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}

	fsys, err := repo.FS(head)
	if err != nil {
		t.Fatal(err)
	}

	grid, _, err := inventory.Load(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}

	hist, changes := treetest.History(t, repo, head, grid)
	files := treetest.Files(t,
		build.Input{Grid: grid, History: hist, Changes: func() (*change.Log, error) { return changes, nil },
			Options: o})

	return files
}

// routeOf returns the route that a file of the tree answers.
func routeOf(f tree.File) (id route.ID, args []string, ok bool) {
	name, isJSON := strings.CutSuffix(f.Path, ".json")
	if !isJSON {
		return 0, nil, false
	}

	if name == "index" {
		name = ""
	}

	if id, args, ok = route.Match("/" + name); ok && id.Get().Suffix() {
		return id, args, true
	}

	return route.Match("/" + f.Path)
}

// liveBodies are answers of live routes, in the forms of the contract.
func liveBodies() openapi.Examples {
	feed := &api.Feed{Title: "Free slots", Entries: []api.FeedEntry{{ID: api.FeedID("a"), Title: "2 nodes", URL: "/hardware/slots"}}}
	return openapi.Examples{
		route.SlotsFeed:    {Body: api.Encode(feed.JSONFeed())},
		route.CapacityFeed: {Body: api.Encode(feed.JSONFeed())},
		route.ServedVersion: {Body: []byte(`{"version":"5da059049fb24a6d76435e52538ee1cb47a0545f","timestamp":"1782506712","generated_at":"2026-11-21T09:00:00.123456Z",` +
			`"generator":"refgen 1.0.0","links":[{"rel":"self","href":"/version"},{"rel":"parent","href":"/"}]}`)},
		route.Search: {Body: []byte(`{"total":2,"offset":0,"items":[` +
			`{"uid":"a","node_type":"compute","site_id":"tacc","cluster_id":"chameleon","availability":"reserved","availability_until":"2099-01-01T12:00:00Z","gpu":{"gpu":false}},` +
			`{"uid":"b","node_type":null,"site_id":"uc","cluster_id":"chameleon","availability":"unknown","availability_until":null}]}`)},
		route.Slots: {Body: []byte(`{"total":2,"items":[{"start":"2099-01-01T00:00:00Z","end":"2099-01-01T12:00:00Z","site_id":"uc","nodes":["a","b"],` +
			`"extendable_until":"2099-01-03T00:00:00Z","candidates":3,"reserve_by":"type","node_type":"compute_skylake"},` +
			`{"start":"2099-01-02T00:00:00Z","end":"2099-01-02T12:00:00Z","site_id":null,"nodes":["a","c"],"kept_for_projects":["c"],` +
			`"extendable_until":null,"candidates":2,"gpus":4,"reserve_by":"node","node_type":null,"parts":[` +
			`{"nodes":["a"],"candidates":1,"gpus":4,"reserve_by":"type","node_type":"gpu"},` +
			`{"nodes":["c"],"candidates":1,"reserve_by":"node","node_type":null}]}],` +
			`"nearest":[{"let_go":"hours","query":"count=2&hours=6","slot":{"start":"2099-01-01T00:00:00Z","end":"2099-01-01T06:00:00Z",` +
			`"site_id":"uc","nodes":["a","b"],"extendable_until":null,"candidates":3,"reserve_by":"node","node_type":null}}],` +
			`"most":{"count":2,"slot":{"start":"2099-01-01T00:00:00Z","end":"2099-01-01T06:00:00Z",` +
			`"site_id":"uc","nodes":["a","b"],"extendable_until":null,"candidates":3,"reserve_by":"node","node_type":null}}}`)},
		route.Capacity: {Body: []byte(`{"start":"2026-11-21T09:00:00Z","end":"2026-11-22T12:00:00Z","step":86400,"sites":[` +
			`{"site_id":"uc","last_synced":"2026-11-21T09:00:00.123456Z","stale":false}],"total":2,"items":[` +
			`{"value":"compute_skylake","nodes":12,"free":[null,8,9],"least":[7,8]},` +
			`{"value":null,"nodes":1,"free":[1,1,1],"least":[null,1]}]}`)},
		route.NodesAvailability: {Body: []byte(`{"total":2,"offset":0,"sites":[{"site_id":"tacc","last_synced":"2026-11-21T09:00:00.123456Z","stale":false},{"site_id":"uc","last_synced":null,"stale":true}],"items":[` +
			`{"node_id":"a","node_name":"c01","node_type":"compute","site_id":"tacc","cluster_id":"chameleon","availability":"available","availability_until":"2099-07-01T00:00:00Z","free_from":null,"leased_by":"node","kept_for_projects":true,"maintenance":false,` +
			`"reservations":[{"start":"2099-07-01T00:00:00Z","end":"2099-07-02T00:00:00Z"}]},` +
			`{"node_id":"b","node_name":null,"node_type":null,"site_id":"uc","cluster_id":"chameleon","availability":"unknown","availability_until":null,"free_from":null,"leased_by":"flavor","kept_for_projects":false,"maintenance":false,"reservations":[]}]}`)},
		route.Availability: {Body: []byte(`{"total":2,"items":[` +
			`{"site_id":"tacc","last_synced":"2026-11-21T09:00:00.123456Z","age_seconds":30,"stale":false,"last_error":null,"counts":{"available":1,"reserved":2,"maintenance":3,"unknown":4,"by_flavor":5}},` +
			`{"site_id":"uc","last_synced":null,"age_seconds":null,"stale":true,"last_error":"timeout","counts":{"available":0,"reserved":0,"maintenance":0,"unknown":9,"by_flavor":0}}],` +
			`"links":[{"rel":"self","href":"/availability"},{"rel":"parent","href":"/"}]}`)},
		route.ClusterAvailability: {Args: []string{"tacc", "chameleon"},
			Body: []byte(`{"site_id":"tacc","cluster_id":"chameleon","last_updated":"2026-11-21T09:00:00Z","stale":false,"total":2,"items":[` +
				`{"node_id":"a","availability":"available","availability_until":"2099-07-01T00:00:00Z","free_from":null,"leased_by":"node","kept_for_projects":true,"maintenance":false,"reservations":[{"start":"2099-07-01T00:00:00Z","end":"2099-07-02T00:00:00Z"}]},` +
				`{"node_id":"b","availability":"unknown","availability_until":null,"free_from":null,"leased_by":"flavor","kept_for_projects":false,"maintenance":false,"reservations":[]}],` +
				`"links":[{"rel":"self","href":"/sites/tacc/clusters/chameleon/availability"},{"rel":"parent","href":"/sites/tacc/clusters/chameleon"}]}`)},
		route.SiteAvailability: {Args: []string{"tacc"},
			Body: []byte(`{"site_id":"tacc","last_synced":"2026-11-21T09:00:00.123456+00:00","synced_node_count":13}`)},
		route.NodeAvailability: {Args: []string{"tacc", "chameleon", "a"},
			Body: []byte(`{"node_id":"a","cluster_id":"chameleon","site_id":"tacc",` +
				`"last_updated":"2026-11-21T09:00:00Z","maintenance":false,"reservations":[{"start":"2099-07-01T10:11:12.123456Z","end":"2099-07-02T00:00:00.500000Z"}]}`)},
		route.FlavorAvailability: {Args: []string{"kvm", "m1.ok"},
			Body: []byte(`{"flavor_id":"m1.ok","site_id":"kvm",` +
				`"availability":[{"start":"2026-07-27T15:19:00","end":"2026-07-29T08:36:00","available":26,"total":28}]}`)},
		route.FlavorsAvailability: {
			Body: []byte(`{"total":2,"items":[{"flavor_id":"m1.ok","site_id":"kvm","available":26,"total":28},` +
				`{"flavor_id":"m1.unknown","site_id":"kvm","available":null,"total":null}]}`)},
	}
}

// examples takes the longest body of each route from a tree: an empty
// collection shows nothing.
func examples(files []tree.File) openapi.Examples {
	all := liveBodies()
	for _, f := range files {
		if id, args, ok := routeOf(f); ok && len(f.Body) > len(all[id].Body) {
			all[id] = openapi.Example{Args: args, Body: f.Body}
		}
	}
	return all
}

func validator(t *testing.T, o openapi.Options) *openapitest.Validator {
	t.Helper()
	v, err := openapitest.New(openapi.Document(o))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
