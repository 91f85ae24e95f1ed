package treehttp_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// segments are the texts that addresses of the API and of pages consist of, and
// those that lie in a published tree: all that a resource could be called by
// accident, but for what may not be a name.
func segments() []string {
	all := []string{"index", "current", "manifest", "releases", "assets", "problems", "immutable", "errors", "404",
		"2026", "robots.txt"}
	add := func(pattern string) {
		for segment := range strings.SplitSeq(pattern, "/") {
			if segment != "" && !strings.Contains(segment, "{") {
				all = append(all, strings.TrimSuffix(segment, ".json"))
			}
		}
	}

	for _, r := range route.All() {
		add(r.Pattern)
	}

	for p := range route.Pages() {
		add(string(p))
	}

	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all),
		func(s string) bool { return s == "versions" || strings.HasPrefix(s, ".") })
}

// named is a testbed whose site "nodes" has clusters, nodes and flavors of each
// name, and that has a site of each name with one of each kind called "nodes".
func named(names []string) string {
	var a strings.Builder
	file := func(p, uid string) {
		fmt.Fprintf(&a, "-- d/sites/%s.json --\n{\"uid\":%q,\"node_type\":%q}\n", p, uid, uid)
	}

	a.WriteString("-- commit all --\n\nNames\n-- d/d.json --\n{\"uid\":\"d\"}\n")
	for _, s := range names {
		file(s+"/"+s, s)
		if s != "nodes" {
			file(s+"/clusters/nodes/nodes", "nodes")
			file(s+"/clusters/nodes/nodes/of-"+s, "of-"+s) // a node's uid is unique
			file(s+"/flavors/nodes", "nodes")
			continue
		}
		for _, name := range names {
			file("nodes/clusters/"+name+"/"+name, name)
			file("nodes/clusters/"+name+"/nodes/"+name, name)
			file("nodes/flavors/"+name, name)
		}
	}

	a.WriteString("-- commit again --\n\nChanged\n-- d/sites/nodes/clusters/nodes/nodes/nodes.json --\n{\"uid\":\"nodes\"}\n")
	return a.String()
}

// addresses are those that a file of the tree answers.
func addresses(file string) []string {
	escape := func(p string) string { return (&url.URL{Path: "/" + p}).EscapedPath() }
	switch {
	case file == "index.json":
		return []string{"/"}
	case strings.HasPrefix(file, api.ProblemDir):
		return nil // answers to other addresses
	case strings.HasSuffix(file, "/index.html"):
		return []string{escape(strings.TrimSuffix(file, "/index.html"))}
	case strings.HasSuffix(file, ".json") && !strings.HasPrefix(file, "hardware/") &&
		!strings.HasSuffix(file, ".feed.json"):
		return []string{escape(strings.TrimSuffix(file, ".json")), escape(file)}
	}

	return []string{escape(file)}
}

// releaseFiles are the files of a release, but for compressed ones.
func releaseFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	stored, err := disk.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}

	for e := range stored.Manifest.Files() {
		files = append(files, e.Path)
	}

	return files
}

// Sites, clusters, nodes, flavors and types may be called as parts of addresses
// are: each file of the tree is there, both servers answer its addresses with it,
// and with nothing else.
func TestNamesOfRoutes(t *testing.T) {
	t.Parallel()
	names := segments()
	if len(names) < 30 || !slices.Contains(names, "nodes") || !slices.Contains(names, "search") {
		t.Fatalf("the names are %q", names)
	}

	s := treetest.Publish(t, treetest.Repo(t, named(names)), build.Options{})
	files := map[string]string{} // by path
	for _, file := range releaseFiles(t, s.Dir) {
		for _, p := range addresses(file) {
			if other, ok := files[p]; ok {
				t.Errorf("%s and %s have the path %s", other, file, p)
			}
			files[p] = file
		}
	}

	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for address, file := range files {
				want, err := os.ReadFile(s.Path(file))
				if err != nil {
					t.Fatal(err)
				}
				got := get(t, to.Address, address, http.Header{"Accept-Encoding": {"identity"}})
				if got.StatusCode != http.StatusOK || !bytes.Equal(got.body, want) {
					t.Errorf("%s: %d %.80q, want %s", address, got.StatusCode, got.body, file)
				}
			}
		})
	}
}
