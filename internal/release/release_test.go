package release_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	machine "github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

func open(t *testing.T, s treetest.Site) *release.Release {
	t.Helper()
	r, err := release.Open(filepath.Dir(filepath.Dir(s.Dir)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSample(t *testing.T) {
	t.Parallel()
	s := treetest.Sample(t, build.Options{Base: "/ref"})
	r := open(t, s)
	if r.Links.Base != "/ref" || r.Links.Version != s.History.Head().ID.String() || r.Timestamp == "" ||
		r.Live.IsZero() || !strings.HasPrefix(r.Generator, "refgen ") {
		t.Errorf("catalog %+v", r)
	}

	total := 0
	sites := slices.Collect(s.Grid.In(inventory.Place{}, route.SiteKind))
	for c := range s.Grid.In(inventory.Place{}, route.ClusterKind) {
		var uids []string
		from, to := r.Cluster(c.Site, c.UID)
		for _, n := range r.Nodes[from:to] {
			uids = append(uids, n.UID)
		}

		var want []string
		for n := range s.Grid.In(c.Place, route.NodeKind) {
			want = append(want, n.UID)
			if i, ok := r.Index(c.Site, c.UID, n.UID); !ok || r.Nodes[i].UID != n.UID || r.Nodes[i].Name == "" {
				t.Errorf("node %s: %v", n.UID, ok)
			}
		}

		if !slices.Equal(uids, want) {
			t.Errorf("cluster %s has %q, want %q", c.UID, uids, want)
		}

		total += len(uids)
	}

	if total != len(r.Nodes) || total == 0 {
		t.Errorf("%d nodes in clusters, %d in all", total, len(r.Nodes))
	}

	if _, ok := r.Index("nope", "x", "y"); ok {
		t.Error("a node that is not there is found")
	}
	for site, want := range map[string]bool{"nope": false, sites[0].UID: true} {
		if ok, err := r.Has(route.Site, site); ok != want || err != nil {
			t.Errorf("the release has site %s: %v, %v", site, ok, err)
		}
	}

	c, ok, err := r.Collection(route.Sites)
	if len(c.Items) != len(sites) || !ok || err != nil {
		t.Errorf("%d sites, %v, %v", len(c.Items), ok, err)
	}
	if _, ok, err := r.Collection(route.Clusters, "nope"); ok || err != nil {
		t.Errorf("clusters of a site that is not there: %v, %v", ok, err)
	}
}

// hardware is one node with all that can be asked for, and one without.
var hardware = txtarrepo.Testbed(`
s {"uid":"a","node_name":"n-1","node_type":"gpu_a100","architecture":{"platform_type":"x86_64","smt_size":128},"gpu":{"gpu":true,"gpu_count":4,"gpu_model":"GA100 [A100]","gpu_vendor":"NVIDIA"}, "infiniband":true,"main_memory":{"ram_size":549755813888},"placement":{"rack":12,"node":"3"},"chassis":{"name":"PowerEdge"},"a.b":{"c":["x",2.50]}, "storage_devices":[{"media_type":"SSD","size":100},{"media_type":"ssd","size":50},{"media_type":"Rotational","size":1000},{"size":"7"}],"availability":"file's own","links":[],"version":"1"}
s {"uid":"b","node_type":7,"gpu":true,"infiniband":0,"main_memory":{"ram_size":"much"},"storage_devices":{}}
`) + `-- commit two --
Date: 2025-01-02T00:00:00Z

two
-- t/sites/s/s.json --
{"uid":"s","name":"S"}
`

func TestHardware(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, hardware)
	r := open(t, treetest.Publish(t, repo, build.Options{}))
	a, b := r.Nodes[0], r.Nodes[1]
	if got := string(a.Head); got != `{"uid":"a","node_type":"gpu_a100","site_id":"s","cluster_id":"c"` {
		t.Errorf("head %s", got)
	}

	if got := string(a.Rest); !strings.HasPrefix(got, `,"node_name":"n-1",`) || !strings.HasSuffix(got, `}]}`) ||
		strings.Contains(got, "own") {
		t.Errorf("rest %s", got)
	}

	for name, want := range map[string][2]string{
		"arch":       {"x86_64", ""},
		"threads":    {"128", "0"},
		"gpu":        {"true", "false"},
		"gpus":       {"4", "0"},
		"gpu_model":  {"GA100 [A100]", ""},
		"infiniband": {"true", "false"},
		"ram":        {"549755813888", "0"},
		"rack":       {"12", ""},
		"storage":    {"1150", "0"},
	} {
		properties := machine.Properties()
		i := properties.Index(name)
		if got := [2]string{properties[i].String(a.Facts[i]), properties[i].String(b.Facts[i])}; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}

	if a.Type != "gpu_a100" || b.Type != "7" || b.Name != "" {
		t.Errorf("types %q and %q, name %q", a.Type, b.Type, b.Name)
	}

	for kind, want := range map[string]int64{"ssd": 150, "rotational": 1000} {
		if got := a.Media[kind]; got != want {
			t.Errorf("storage %q: %d, want %d", kind, got, want)
		}
	}

	if _, ok := a.Media["hdd"]; ok {
		t.Error("storage of a kind that it does not have")
	}

	for word, want := range map[string]bool{"a100": true, "poweredge": true, "nvidia": true, "intel": false} {
		if found := r.Words.Find([]string{word}); found.Has(0) != want || found.Has(1) {
			t.Errorf("words: %q: %b", word, found)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, hardware)
	s := treetest.Publish(t, repo, build.Options{})
	r := open(t, s)
	head, first := s.History.Commits[0].ID.String(), s.History.Commits[1].ID.String()
	for _, tt := range []struct{ id, want string }{
		{"HEAD", "/sites/s/versions/" + head},
		{head[:7], "/sites/s/versions/" + head},
		{first[:39], "/sites/s/versions/" + first},
		{head[:6], ""},
		{"head", ""},
		{strings.Repeat("0", 40), ""},
		{head + "0", ""},
	} {
		got, ok, err := r.Version(route.SiteVersion, "s", tt.id)
		if ok != (tt.want != "") || ok && got != tt.want || err != nil {
			t.Errorf("%s: %s, %v, %v", tt.id, got, ok, err)
		}
	}

	// The node was not touched by the last commit, and its address for that
	// stands for its newest version.
	at := "/sites/s/clusters/c/nodes/a/versions/" + head
	for _, id := range []string{"HEAD", head[:8]} {
		if got, _, _ := r.Version(route.NodeVersion, "s", "c", "a", id); got != at {
			t.Errorf("%s: %s", id, got)
		}
	}

	if got, ok, err := r.Version(route.NodeVersion, "s", "c", "nope", "HEAD"); ok || err != nil {
		t.Errorf("a node that is not there has the version %s (%v)", got, err)
	}
	if got, _, _ := r.Version(route.VersionDetail, first[:9]); got != "/versions/"+first {
		t.Errorf("of the whole testbed: %s", got)
	}
}

func TestHolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	h := release.NewFollower(root, slog.New(slog.DiscardHandler))
	if err := h.Refresh(); err == nil || h.Release() != nil {
		t.Errorf("without a release: %v", err)
	}

	s := treetest.Sample(t, build.Options{})
	link := func(to string) {
		t.Helper()
		next := filepath.Join(root, "next")
		if err := os.Symlink(to, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(root, disk.CurrentLink)); err != nil {
			t.Fatal(err)
		}
	}

	dir, err := filepath.EvalSymlinks(s.Dir)
	if err != nil {
		t.Fatal(err)
	}

	link(dir)
	if err := h.Refresh(); err != nil || h.Release() == nil {
		t.Fatalf("with a release: %v", err)
	}

	first := h.Release()
	if err := h.Refresh(); err != nil || h.Release() != first {
		t.Errorf("the same release is read again: %v", err)
	}

	link(t.TempDir())
	if err := h.Refresh(); err == nil || h.Release() != first {
		t.Errorf("with a broken release: %v", err)
	}
	if err := h.Refresh(); err != nil {
		t.Errorf("a broken release is read again: %v", err)
	}

	if err := os.Remove(filepath.Join(root, disk.CurrentLink)); err != nil {
		t.Fatal(err)
	}

	if err := h.Refresh(); err == nil || h.Release() != first {
		t.Errorf("with the release gone: %v", err)
	}
}
