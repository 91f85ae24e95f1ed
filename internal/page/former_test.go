package page_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// away has a site with all that a site can have, which a commit removes, and places
// whose files were never valid or never there.
const away = smallGrid + `
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n"}
-- d/sites/s/clusters/late/nodes/n9.json --
{"uid": "n9"}
-- d/sites/old/old.json --
{"uid": "old"}
-- d/sites/old/clusters/k/k.json --
{"uid": "k"}
-- d/sites/old/clusters/k/nodes/m.json --
{"uid": "m", "node_name": "first"}
-- d/sites/old/flavors/f.json --
{"uid": "f"}
-- commit named --
date: 2025-03-01T12:00:00Z

Named
-- d/sites/old/clusters/k/nodes/m.json --
{"uid": "m", "node_name": "mm", "node_type": "t"}
-- commit away --
date: 2025-03-02T12:00:00Z

Close the old site
-- delete d/sites/old --
-- commit after --
date: 2025-03-03T12:00:00Z

After
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "node_type": "u"}
`

// What is not in the testbed any more keeps its page, which says what became of it.
func TestFormerPages(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, away)
	commits := treetest.Input(t, repo, "", build.Options{}).History.Commits
	got := pages(t, repo, build.Options{Base: "/ref"})
	const removed = "was removed on 2 Mar 2025 by the commit Close the old site."

	for p, want := range map[string]struct{ title, says, trail string }{
		"/hardware/sites/old":                          {title: "old", says: "This site " + removed, trail: "Catalogue"},
		"/hardware/sites/old/clusters/k":               {title: "k", says: "This cluster " + removed, trail: "Catalogue old"},
		"/hardware/sites/old/flavors/f":                {title: "f", says: "This flavor " + removed, trail: "Catalogue old"},
		"/hardware/sites/old/clusters/k/nodes/m":       {title: "mm", says: "m This node " + removed + " It was of type t: nodes of this type. It may have moved: search all nodes for its uid. Follow changes: Atom, JSON Feed", trail: "Catalogue old k"},
		"/hardware/sites/s/clusters/late":              {title: "late", says: "This cluster is not in the testbed: a merge left its file out, or it never had one.", trail: "Catalogue s"},
		"/hardware/sites/s/clusters/late/nodes/n9":     {title: "n9", says: "This node is not published, though the newest commit has its file: the file has errors or is deleted in the work tree, or what contains it has no valid file. It may have moved: search all nodes for its uid.", trail: "Catalogue s late"},
		"/hardware/sites/s/clusters/c/nodes/n/history": {title: "Changes of the node n at s", trail: "Catalogue s c n"},
	} {
		d := got[p]
		if d.root == nil {
			t.Errorf("there is no %s", p)
			continue
		}

		if h := content(d.all("main", "h1")[0]); h != want.title {
			t.Errorf("%s has the title %q, want %q", p, h, want.title)
		}
		if says := strings.Join(d.paragraphs(), " "); want.says != "" && says != want.says {
			t.Errorf("%s says %q, want %q", p, says, want.says)
		}

		if got := d.trail(); got != want.trail {
			t.Errorf("%s is below %q, want %q", p, got, want.trail)
		}
	}

	// A commit names resources as they were then, and links to them whatever became of
	// them.
	for n, want := range []struct{ heading, href string }{
		{"Node n changed at s", "/ref/hardware/sites/s/clusters/c/nodes/n"},
		{"Node mm of type t removed at old", "/ref/hardware/sites/old/clusters/k/nodes/m"},
		{"Node mm changed at old", "/ref/hardware/sites/old/clusters/k/nodes/m"},
	} {
		d := got["/hardware/changes/"+commits[n].ID.String()]
		found := false
		for _, h := range d.all("main", "h2") {
			for _, a := range (document{h}).all("", "a") {
				found = found || content(h) == want.heading && attribute(a, "href") == want.href
			}
		}
		if !found {
			t.Errorf("commit %d has %q, want %q with a link to %s", n, d.headings("h2"), want.heading, want.href)
		}
	}

	if _, ok := got["/hardware/node/m"]; ok {
		t.Error("dashboards are led to a node that is not there")
	}
}

// A machine that moved is followed by its history, and found from where it was.
func TestMovedPages(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, treetest.Moves)
	got := pages(t, repo, build.Options{})
	for p, want := range map[string]string{
		"/hardware/sites/s/clusters/a/nodes/n1": "n1 This node is now one in b: it moved from a on 3 Jan 2025 by the commit n1: to cluster b. " +
			"It was of type gpu_a100: nodes of this type. Change history Follow changes: Atom, JSON Feed",
		"/hardware/sites/s/clusters/a/nodes/n3": "n3 This node is now k01 in t: it moved from s on 5 Jan 2025 by the commit n3 goes to site t, and n9 has its name. " +
			"Change history Follow changes: Atom, JSON Feed",
		"/hardware/sites/s/clusters/a/nodes/n9": "n9 This node was removed on 9 Jan 2025 by the commit c01 is another machine again. " +
			"Another machine has its name since then: c01. Change history Follow changes: Atom, JSON Feed",
	} {
		if says := strings.Join(got[p].paragraphs(), " "); says != want {
			t.Errorf("%s says\n%s\nwant\n%s", p, says, want)
		}
	}

	// One that came elsewhere with a later commit is known by its adapters.
	const machine = `"chassis": {"serial": "6M0H514"}, "network_adapters": [{"mac": "b4:83:51:11:ea:28"}]}` + "\n"
	again := pages(t, treetest.Repo(t, smallGrid+"-- d/sites/s/clusters/c/nodes/n1.json --\n{\"uid\": \"n1\", "+machine+
		"-- commit gone --\ndate: 2025-03-01T12:00:00Z\n\nRetired\n-- delete d/sites/s/clusters/c/nodes/n1.json --\n"+
		"-- commit back --\ndate: 2025-03-02T12:00:00Z\n\nBack\n-- d/sites/s/clusters/c/nodes/n2.json --\n{\"uid\": \"n2\", "+machine),
		build.Options{})
	for p, want := range map[string]string{
		"n1": "This node was removed on 1 Mar 2025 by the commit Retired. Since 2 Mar 2025 it is n2: the commit Back added a node with the addresses of its adapters. " +
			"Change history Follow changes: Atom, JSON Feed",
		"n1/history": "Follow changes: Atom, JSON Feed 1 Mar 2025 Removed Since 2 Mar 2025, it is n2. Retired, Ada Lovelace 6 Jan 2025 One, Ada Lovelace",
		"n2/history": "Follow changes: Atom, JSON Feed 2 Mar 2025 Moved Until 1 Mar 2025, it was n1: the addresses of its adapters are the same. Back, Ada Lovelace " +
			"1 Mar 2025 Removed Since 2 Mar 2025, it is n2. Retired, Ada Lovelace; then at /sites/s/clusters/c/nodes/n1 " +
			"6 Jan 2025 One, Ada Lovelace; then at /sites/s/clusters/c/nodes/n1",
	} {
		if says := strings.Join(again["/hardware/sites/s/clusters/c/nodes/"+p].paragraphs(), " "); says != want {
			t.Errorf("%s says\n%s\nwant\n%s", p, says, want)
		}
	}
	if says := again["/hardware/changes"].paragraphs()[0]; says != "In 2025: 1 node moved, none removed." {
		t.Errorf("of the year the list says %q", says)
	}

	steps := got["/hardware/sites/s/clusters/b/nodes/n1/history"].headings("h2")
	want := []string{
		"Moved from c to b", "Moved from b to c", "Moved from a to b", "Another place", "Added", "Machine-readable",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("the history of n1 is %q, want %q", steps, want)
	}

	commits := treetest.Input(t, repo, "", build.Options{}).History.Commits
	for subject, want := range map[string]string{
		"n1: to cluster b":             "Node one of type gpu_a100 moved from a to b at s",
		"c01 is another machine again": "Node c01 replaced at s",
		"Merge the move of n2":         "Node two moved from a to b at s",
	} {
		i := slices.IndexFunc(commits, func(c *history.Commit) bool { return c.Subject() == subject })
		if got := got["/hardware/changes/"+commits[i].ID.String()].headings("h2"); got[0] != want {
			t.Errorf("%s has the headings %q, want %q", subject, got, want)
		}
	}
}
