package page_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// classified are the pages of a revision that do not depend on HEAD, by what they
// depend on: a commit, or a path with the commits of its log.
func classified(t *testing.T, repo *gitrepo.Repo, rev string) map[string][]byte {
	t.Helper()
	in := treetest.Input(t, repo, rev, build.Options{})
	log, err := in.Changes()
	if err != nil {
		t.Fatal(err)
	}

	var nodes []hardware.Node
	for r := range in.Grid.In(inventory.Place{}, route.NodeKind) {
		nodes = append(nodes, hardware.ReadNode(hardware.Place{Site: r.Site, Cluster: r.Cluster, UID: r.UID}, r.File.Object))
	}

	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := page.New(page.Options{}, assets)
	if err != nil {
		t.Fatal(err)
	}
	h, err := renderer.Hardware(in.Grid, nodes)
	if err != nil {
		t.Fatal(err)
	}

	found := map[string][]byte{}
	add := func(key string, p page.Page, err error) {
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		found[key] = p.Body
	}

	for r := range in.Grid.In(inventory.Place{}, route.NodeKind) {
		p, err := h.Page(r)
		add(fmt.Sprintf("page of %s since %x", r.Path(), ids(in.History.Log(r.LogPath()))), p, err)
		p, err = h.Redirect(r.Place)
		add(fmt.Sprintf("redirect to %s since %x", r.Path(), ids(in.History.Log(r.LogPath()))), p, err)
	}

	c := h.Changes(in.History, log)
	for r := range in.Grid.Resources() {
		if r.Kind != route.GridKind {
			p, err := c.History(r)
			add(fmt.Sprintf("history of %s since %x", r.Path(), ids(in.History.Log(r.LogPath()))), p, err)
		}
	}
	for n, commit := range in.History.Commits {
		p, err := c.Commit(n)
		add("commit "+commit.ID.String(), p, err)
	}
	for _, f := range log.Former() {
		if f.Removal != nil {
			p, err := c.Former(f)
			add(fmt.Sprintf("end of %s by %s, elsewhere since %x", f.Path(), f.Removal.ID, ids(log.Later(f.Place))), p, err)
		}
	}

	return found
}

func ids(log []*history.Commit) (ids []byte) {
	for _, c := range log {
		ids = append(ids, c.ID[:4]...)
	}
	return ids
}

// compareClassified holds the pages that two revisions have in common against each
// other, and returns how many these are.
func compareClassified(t *testing.T, a, b map[string][]byte) (common int) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(a)) {
		other, ok := b[key]
		if !ok {
			continue
		}
		if common++; !bytes.Equal(a[key], other) {
			t.Errorf("the %.300s is another page in another revision", key)
		}
	}
	return common
}

// Whatever becomes of other resources, the pages of a path and of a commit stay as they
// are, byte for byte.
func TestPagesDependOnTheirOwnPath(t *testing.T) {
	t.Parallel()
	const dir = "d/sites/s/clusters/c/nodes/"
	for name, change := range map[string]string{
		"another of its type":       "-- " + dir + "n4.json --\n{\"uid\": \"n4\", \"node_type\": \"t\", \"lease_mode\": \"flavor\"}\n",
		"removed":                   "-- delete " + dir + "n2.json --\n",
		"another type":              "-- " + dir + "n2.json --\n{\"uid\": \"n2\", \"node_type\": \"u\"}\n",
		"other hardware":            "-- " + dir + "n2.json --\n{\"uid\": \"n2\", \"node_type\": \"t\", \"main_memory\": {\"ram_size\": 1}}\n",
		"another name":              "-- " + dir + "n2.json --\n{\"uid\": \"n2\", \"node_type\": \"t\", \"node_name\": \"new\"}\n",
		"flavors elsewhere":         "-- d/sites/z/z.json --\n{\"uid\": \"z\"}\n-- d/sites/z/flavors/f.json --\n{\"uid\": \"f\"}\n",
		"no flavors":                "-- delete d/sites/kvm/flavors/m1.small.json --\n",
		"without the other site":    "-- delete d/sites/kvm --\n",
		"without its other cluster": "-- delete d/sites/s/clusters/c/c.json --\n",
		"another site's name":       "-- d/sites/kvm/kvm.json --\n{\"uid\": \"kvm\", \"name\": \"K\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := treetest.Repo(t, vmHosts+"-- commit next --\n\nNext\n"+change)
			if n := compareClassified(t, classified(t, repo, "all"), classified(t, repo, "next")); n < 2 {
				t.Errorf("the revisions have %d pages in common", n)
			}
		})
	}
}

// The same for all commits of the sample, and of machines that move.
func TestPagesOfTheSampleDependOnTheirOwnPath(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	for _, repo := range []*gitrepo.Repo{repo, treetest.Repo(t, treetest.Moves)} {
		head := classified(t, repo, "")
		for _, c := range treetest.Input(t, repo, "", build.Options{}).History.Commits[1:] {
			if n := compareClassified(t, classified(t, repo, c.ID.String()), head); n == 0 {
				t.Errorf("commit %s has no pages in common with HEAD", c.ID)
			}
		}
	}
}

// The same for revisions of the real repository that are far apart.
func TestRealPagesDependOnTheirOwnPath(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.RealFlavors(t, "../..")
	if !ok {
		return
	}

	commits := treetest.Input(t, repo, "", build.Options{}).History.Commits
	n := compareClassified(t, classified(t, repo, commits[len(commits)/4].ID.String()), classified(t, repo, ""))
	if t.Logf("%d pages are in both revisions", n); n < 200 {
		t.Errorf("the revisions have only %d pages in common", n)
	}
}
