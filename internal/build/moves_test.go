package build_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// A history names the other end of a move with what else changed, and links to its
// history, which stays.
func TestMovesInHistories(t *testing.T) {
	t.Parallel()
	type end struct {
		Path  string
		Patch []toldOperation
	}
	type moving struct {
		Items []struct {
			Version struct {
				Message string
				Links   []struct{ Href string }
			}
			State      string
			MovedFrom  *end `json:"moved_from"`
			MovedTo    *end `json:"moved_to"`
			Replaces   *end `json:"replaces"`
			ReplacedBy *end `json:"replaced_by"`
			Links      []struct{ Rel, Href string }
		}
	}

	files := map[string][]byte{}
	for _, f := range treetest.Files(t, treetest.Input(t, treetest.Repo(t, treetest.Moves), "", build.Options{})) {
		files[f.Path] = f.Body
	}

	for file, want := range map[string][]string{
		"s/clusters/b/nodes/n1": {
			"n1: back to cluster b: present, moved_from c replace /node_type",
			"n1: to cluster c: absent, moved_to c",
			"n1: to cluster b: present, moved_from a replace /placement/rack",
		},
		"s/clusters/a/nodes/n1":  {"n1: to cluster b: absent, moved_to b", "n1: to rack A2: present", "Start: present"},
		"s/clusters/c/nodes/n1":  {"n1: back to cluster b: absent, moved_to b", "n1: to cluster c: present, moved_from b"},
		"s/clusters/b/nodes/n2":  {"n2 is retired: absent", "n2: to cluster b: present, moved_from a"},
		"s/clusters/a/nodes/n2":  {"n2: to cluster b: absent, moved_to b", "Start: present"},
		"t/clusters/k/nodes/n3":  {"n3 goes to site t, and n9 has its name: present, moved_from a replace /node_name"},
		"s/clusters/a/nodes/n9":  {"c01 is another machine again: absent, replaced_by n10", "n3 goes to site t, and n9 has its name: present"},
		"s/clusters/a/nodes/n10": {"c01 is another machine again: present, replaces n9"},
	} {
		h := read[moving](t, files["sites/"+file+"/history.json"])
		var got []string
		for _, v := range h.Items {
			line := v.Version.Message + ": " + v.State
			for rel, e := range map[string]*end{
				"moved_from": v.MovedFrom, "moved_to": v.MovedTo, "replaces": v.Replaces, "replaced_by": v.ReplacedBy,
			} {
				if e == nil {
					continue
				}

				parts := strings.Split(e.Path, "/")
				name := parts[4]
				if strings.HasPrefix(rel, "repl") {
					name = parts[6]
				}
				line += fmt.Sprintf(", %s %s", rel, name)
				for _, op := range e.Patch {
					line += " " + op.Op + " " + op.Path
				}
				if len(v.Links) != 1 || v.Links[0].Rel != rel || v.Links[0].Href != e.Path+"/history" {
					t.Errorf("%s: the links are %v", line, v.Links)
				}
			}
			got = append(got, line)
		}

		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s has\n%s\nwant\n%s", file, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// The list of changes and a commit's changes name what moved, beside what was removed and
// added.
func TestMovesInChanges(t *testing.T) {
	t.Parallel()
	type entry struct {
		Message                         string
		Added, Removed, Moved, Replaced int
		Links                           []struct{ Href string }
	}
	files := map[string][]byte{}
	for _, f := range treetest.Files(t, treetest.Input(t, treetest.Repo(t, treetest.Moves), "", build.Options{})) {
		files[f.Path] = f.Body
	}

	entries := map[string]entry{}
	for _, e := range read[struct{ Items []entry }](t, files["changes.json"]).Items {
		entries[strings.SplitN(e.Message, ":", 2)[0]+fmt.Sprint(e.Moved, e.Replaced)] = e
	}

	e := entries["c01 is another machine again0 1"]
	if e.Added != 1 || e.Removed != 1 {
		t.Errorf("a replaced node is %+v", e)
	}
	e = entries["n3 goes to site t, and n9 has its name1 0"]
	if e.Added != 2 || e.Removed != 1 {
		t.Errorf("a moved node is %+v", e)
	}

	set := read[struct {
		Moved []struct {
			From, To string
			Patch    []toldOperation
			Old      map[string]any
		}
	}](t, files[strings.TrimPrefix(e.Links[0].Href, "/")+".json"])
	if len(set.Moved) != 1 || set.Moved[0].From != "/sites/s/clusters/a/nodes/n3" ||
		set.Moved[0].To != "/sites/t/clusters/k/nodes/n3" || set.Moved[0].Old["/node_name"] != "c01" {
		t.Errorf("the move is %+v", set.Moved)
	}
}
