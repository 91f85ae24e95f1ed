package route

import (
	"slices"
	"strings"
	"testing"
)

func TestTableIsConsistent(t *testing.T) {
	t.Parallel()
	names, patterns := map[string]bool{}, map[string]bool{}
	for id, r := range All() {
		if r.Name == "" || r.Summary == "" || r.Tag == "" || r.NotFoundDetail == "" ||
			!strings.HasPrefix(r.Pattern, "/") {
			t.Errorf("route %d %q lacks a name, summary, tag, 404 text or pattern", id, r.Name)
		}

		if names[r.Name] || patterns[r.Pattern] {
			t.Errorf("route %q %s is duplicated", r.Name, r.Pattern)
		}

		names[r.Name], patterns[r.Pattern] = true, true
		if (r.Schema == "") != (r.Representation == HTML || r.Representation == File ||
			r.MediaType() == "application/atom+xml" || r.MediaType() == "text/calendar") {
			t.Errorf("route %q has no schema", r.Name)
		}

		if r.Live && r.Sliced() {
			t.Errorf("route %q is live and sliced", r.Name)
		}

		if r.VersionsRoute != none {
			if got, want := r.VersionsRoute.Get().Pattern, r.Pattern+"/versions"; got != want {
				t.Errorf("the version list of %q is %s, want %s", r.Name, got, want)
			}
			if got, want := r.VersionRoute.Get().Pattern, r.Pattern+"/versions/{sha}"; got != want {
				t.Errorf("the versions of %q are %s, want %s", r.Name, got, want)
			}
		}

		if r.HistoryRoute != none &&
			(r.HistoryRoute.Get().Pattern != r.Pattern+"/history" || r.HistoryRoute.Get().Parent != id) {
			t.Errorf("the history of %q is %s", r.Name, r.HistoryRoute.Get().Pattern)
		}

		if r.Parent != none {
			if parent := r.Parent.Get().Params(); !slices.Equal(parent, r.Params()[:len(parent)]) {
				t.Errorf("route %q has a parent with other parameters", r.Name)
			}
		}
	}
}

func TestPathAndFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id         ID
		args       []string
		path, file string
	}{
		{id: Root, path: "/", file: "index.json"},
		{id: Sites, path: "/sites", file: "sites.json"},
		{id: Node, args: []string{"uc", "c", "n"}, path: "/sites/uc/clusters/c/nodes/n",
			file: "sites/uc/clusters/c/nodes/n.json"},
		{id: Flavor, args: []string{"kvm", "m1 50%"}, path: "/sites/kvm/flavors/m1%2050%25",
			file: "sites/kvm/flavors/m1 50%.json"},
		{id: SitesVersion, args: []string{"abc"}, path: "/sites/versions/abc", file: "sites/versions/abc.json"},
		{id: OpenAPI, path: "/openapi.json", file: "openapi.json"},
		{id: Docs, path: "/docs", file: "docs/index.html"},
		{id: SiteChangesAtom, args: []string{"uc"}, path: "/sites/uc/changes.atom", file: "sites/uc/changes.atom"},
		{id: ChangesFeed, path: "/changes.feed.json", file: "changes.feed.json"},
		{id: NodeHistory, args: []string{"uc", "c", "n"}, path: "/sites/uc/clusters/c/nodes/n/history",
			file: "sites/uc/clusters/c/nodes/n/history.json"},
	} {
		if got := tt.id.Path(tt.args...); got != tt.path {
			t.Errorf("%v.Path(%q) = %q, want %q", tt.id, tt.args, got, tt.path)
		}
		if got := tt.id.File(tt.args...); got != tt.file {
			t.Errorf("%v.File(%q) = %q, want %q", tt.id, tt.args, got, tt.file)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path string
		want ID // none: no route
		args []string
	}{
		{"/", Root, nil},
		{"/sites", Sites, nil},
		{"/sites/uc", Site, []string{"uc"}},
		{"/sites/versions", SitesVersions, nil},
		{"/sites/versions/abc", SitesVersion, []string{"abc"}},
		{"/sites/uc/clusters/versions", ClustersVersions, []string{"uc"}},
		{"/sites/uc/clusters/versions/versions", ClustersVersion, []string{"uc", "versions"}},
		{"/sites/uc/clusters/versions/nodes", ClustersVersion, []string{"uc", "nodes"}},
		{"/sites/versions/clusters", SitesVersion, []string{"clusters"}},
		{"/sites/uc/clusters/versions/abc", ClustersVersion, []string{"uc", "abc"}},
		{"/sites/uc/clusters/c/nodes/n/availability", NodeAvailability, []string{"uc", "c", "n"}},
		{"/sites/uc/flavors/m1.large", Flavor, []string{"uc", "m1.large"}},
		{"/nodes/search", Search, nil},
		{"/nodes/slots", Slots, nil},
		{"/nodes/availability", NodesAvailability, nil},
		{"/sites/uc/availability", SiteAvailability, []string{"uc"}},
		{"/sites/uc/clusters/c/availability", ClusterAvailability, []string{"uc", "c"}},
		{"", none, nil},
		{"/sites/", none, nil},
		{"//", none, nil},
		{"/sites//clusters", none, nil},
		{"/sites/uc/nope", none, nil},
		{"/nodes", AllNodes, nil},
		{"/versions/abc/changes", VersionChanges, []string{"abc"}},
		{"/sites/versions/history", SitesVersion, []string{"history"}},
		{"/sites/uc/changes.atom", SiteChangesAtom, []string{"uc"}},
		{"/sites/uc/changes.feed", none, nil},
	} {
		id, args, ok := Match(tt.path)
		if ok != (tt.want != none) || id != tt.want || !slices.Equal(args, tt.args) {
			t.Errorf("Match(%q) = %d, %q, %v, want %d, %q", tt.path, id, args, ok, tt.want, tt.args)
		}
	}
}

// Every path that a route makes must lead back to it.
func TestMatchInvertsPath(t *testing.T) {
	t.Parallel()
	for id, r := range All() {
		args := make([]string, len(r.Params()))
		for i := range args {
			args[i] = string(rune('a' + i))
		}
		got, gotArgs, ok := Match(id.Path(args...))
		if !ok || got != id || !slices.Equal(gotArgs, args) {
			t.Errorf("Match(%q) = %d, %q, %v, want %d", id.Path(args...), got, gotArgs, ok, id)
		}
	}
}

func TestWithoutSuffixAndMethods(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, want, methods string }{
		{"/", "/", "GET, HEAD, OPTIONS"},
		{"/.json", "/", "GET, HEAD, OPTIONS"},
		{"/sites.json", "/sites", "GET, HEAD, OPTIONS"},
		{"/sites/uc/flavors/m1.tiny.json", "/sites/uc/flavors/m1.tiny", "GET, HEAD, OPTIONS"},
		{"/openapi.json", "/openapi.json", "GET, HEAD, OPTIONS"},
		{"/docs.json", "/docs.json", "GET, HEAD, OPTIONS"},
		{"/nodes/search.json", "/nodes/search", "GET, HEAD, OPTIONS, POST"},
		{"/nope.json", "/nope.json", "GET, HEAD, OPTIONS"},
	} {
		got := WithoutSuffix(tt.path)
		if got != tt.want || Methods(got) != tt.methods {
			t.Errorf("%s is %s and takes %s, want %s and %s", tt.path, got, Methods(got), tt.want, tt.methods)
		}
	}
}
