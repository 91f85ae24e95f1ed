package build_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// told are the documents of this file's tests, as far as they are looked at.
type (
	toldHistory struct {
		Total   int
		Items   []toldVersion
		Version *string
		File    json.RawMessage
	}
	toldVersion struct {
		Version struct{ UID string }
		State   string
		Patch   []toldOperation
		Old     map[string]json.RawMessage
	}
	toldOperation struct {
		Op, Path string
		Value    json.RawMessage
	}
	toldChange struct {
		Path, Kind, Before, After string
		NodeType                  string `json:"node_type"`
		Patch                     json.RawMessage
		Old                       json.RawMessage
	}
	toldSet struct {
		Commit                  string
		Parents                 []string
		Added, Removed, Changed []toldChange
	}
)

func read[T any](t *testing.T, body []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return v
}

func exact(t *testing.T, text []byte) any {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber() // 2.50 is not 2.5
	var v any
	if err := in.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// patched applies a patch to a decoded value. Members are found by walking
// down; it knows no other operations than the three that are written.
func patched(t *testing.T, doc any, ops []toldOperation) any {
	t.Helper()
	for _, op := range ops {
		var value any
		if op.Op != "remove" {
			value = exact(t, op.Value)
		}
		doc = set(t, doc, strings.Split(op.Path, "/")[1:], op.Op, value)
	}

	return doc
}

// undone takes a patch back: its operations in reverse, each with what undoes it.
func undone(t *testing.T, doc any, v toldVersion) any {
	t.Helper()
	undoes := map[string]string{"add": "remove", "remove": "add", "replace": "replace"}
	for _, op := range slices.Backward(v.Patch) {
		old, ok := v.Old[op.Path]
		if ok == (op.Op == "add") {
			t.Fatalf("%s: %s of %s has an old value: %v", v.Version.UID, op.Op, op.Path, ok)
		}
		doc = patched(t, doc, []toldOperation{{Op: undoes[op.Op], Path: op.Path, Value: old}})
	}
	return doc
}

// contents are what a history's file was in each version, by undoing: nil where it was
// not present.
func contents(t *testing.T, h toldHistory) []any {
	t.Helper()
	all := make([]any, len(h.Items))
	current := exact(t, h.File)
	for i, v := range h.Items {
		if v.State != "present" {
			if v.Patch != nil || v.Old != nil {
				t.Fatalf("%s: a version that is %s has a patch", v.Version.UID, v.State)
			}
			continue
		}

		all[i] = cloned(t, current)
		isOldest := !slices.ContainsFunc(h.Items[i+1:], func(o toldVersion) bool { return o.State == "present" })
		if isOldest != (v.Patch == nil) || (v.Patch == nil) != (v.Old == nil) {
			t.Fatalf("%s: the oldest that is present: %v; it has a patch: %v", v.Version.UID, isOldest, v.Patch != nil)
		}
		current = undone(t, current, v)
	}
	return all
}

// cloned is a copy of a decoded value.
func cloned(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return exact(t, text)
}

func set(t *testing.T, doc any, at []string, op string, value any) any {
	t.Helper()
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(at[0])
	switch v := doc.(type) {
	case map[string]any:
		if _, ok := v[name]; ok == (op == "add" && len(at) == 1) {
			t.Fatalf("%s of %q, which is there: %v", op, name, ok)
		}
		if len(at) > 1 {
			v[name] = set(t, v[name], at[1:], op, value)
		} else if v[name] = value; op == "remove" {
			delete(v, name)
		}
		return v
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil {
			t.Fatal(err)
		}

		switch {
		case len(at) > 1 || op == "replace":
			if len(at) > 1 {
				value = set(t, v[i], at[1:], op, value)
			}
			v[i] = value
		case op == "remove":
			v = append(v[:i:i], v[i+1:]...)
		default:
			v = append(v[:i:i], append([]any{value}, v[i:]...)...)
		}

		return v
	}

	t.Fatalf("%q leads into %v", at, doc)
	return nil
}

const changing = `
-- commit first --
author: Ada <ada@example.org>
date: 2025-01-06T09:00:00Z

Start
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s", "name": "S"}
-- d/sites/s/clusters/c/c.json --
{"uid": "c"}
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "node_type": "compute", "ram": 2.50, "disks": ["a", "b", "c"]}
-- d/sites/s/clusters/c/nodes/l.json --
{"uid": "l"}
-- d/sites/s/flavors/m1.json --
{"uid": "m1", "vcpus": 1}
-- d/README --
none of ours
-- commit gpu --
parents: first
date: 2025-01-06T10:00:00Z

New <b>GPU</b> nodes & more
-- d/sites/s/clusters/c/nodes/g1.json --
{"uid": "g1", "node_type": "gpu_<a100>"}
-- d/sites/s/clusters/c/nodes/g2.json --
{"uid": "g2", "node_type": "gpu_<a100>"}
-- commit broken --
parents: first
date: 2025-01-06T11:00:00Z

Break things
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "uid": "n"}
-- delete d/sites/s/clusters/c/nodes/l.json --
-- link d/sites/s/clusters/c/nodes/l.json --
n.json
-- delete d/sites/s/flavors/m1.json --
-- d/README --
changed
-- commit mended --
parents: broken
date: 2025-01-06T12:00:00Z

Mend things
-- d/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "node_type": "compute", "ram": 2.5, "disks": ["a", "c"]}
-- delete d/sites/s/clusters/c/nodes/l.json --
-- d/sites/s/clusters/c/nodes/l.json --
{ "uid": "l" }
-- d/sites/s/flavors/m1.json --
{"uid": "m1", "vcpus": 2}
-- commit merged --
parents: mended gpu
date: 2025-01-06T13:00:00Z

Merge the GPUs
-- d/sites/s/clusters/c/nodes/g1.json --
{"uid": "g1", "node_type": "gpu_<a100>"}
-- d/sites/s/clusters/c/nodes/g2.json --
{"uid": "g2", "node_type": "gpu_<a100>"}
`

// commitNamed finds the commit with a subject.
func commitNamed(t *testing.T, in build.Input, subject string) string {
	t.Helper()
	for _, c := range in.History.Commits {
		if c.Subject() == subject {
			return c.ID.String()
		}
	}
	t.Fatalf("there is no commit %q", subject)
	return ""
}

func told(changes []toldChange) string {
	var all []string
	for _, c := range changes {
		text := c.Path
		if c.NodeType != "" {
			text += " " + c.NodeType
		}
		if c.Before != "" {
			text += " " + c.Before + ">" + c.After
		}
		all = append(all, text+string(c.Patch)+string(c.Old))
	}

	return strings.Join(all, "; ")
}

func TestChanges(t *testing.T) {
	t.Parallel()
	got := files(t, changing, "merged", build.Options{})
	in := input(t, changing, "merged", build.Options{})
	const nodes = "/sites/s/clusters/c/nodes/"
	for _, tt := range []struct{ subject, added, removed, changed string }{
		{
			subject: "Start",
			added:   "/; /sites/s; /sites/s/flavors/m1; /sites/s/clusters/c; " + nodes + "l; " + nodes + "n compute",
		},
		{
			subject: "New <b>GPU</b> nodes & more",
			added:   nodes + "g1 gpu_<a100>; " + nodes + "g2 gpu_<a100>",
		},
		{
			subject: "Break things",
			removed: "/sites/s/flavors/m1",
			changed: nodes + "l present>unreadable; " + nodes + "n present>unreadable",
		},
		{
			subject: "Mend things",
			added:   "/sites/s/flavors/m1",
			changed: nodes + "l unreadable>present; " + nodes + "n unreadable>present",
		},
		{
			subject: "Merge the GPUs",
			added:   nodes + "g1 gpu_<a100>; " + nodes + "g2 gpu_<a100>",
		},
	} {
		f := got[route.VersionChanges.File(commitNamed(t, in, tt.subject))]
		set := read[toldSet](t, f.Body)
		if a, r, c := told(set.Added), told(set.Removed), told(set.Changed); a != tt.added || r != tt.removed ||
			c != tt.changed {
			t.Errorf("%s:\nadded %s\nremoved %s\nchanged %s\nwant\n%s\n%s\n%s", tt.subject, a, r, c, tt.added,
				tt.removed, tt.changed)
		}

		if detail := got[route.VersionDetail.File(set.Commit)]; !f.Time.Equal(detail.Time) {
			t.Errorf("%s has the time %s, its version %s", f.Path, f.Time, detail.Time)
		}
	}

	list := string(got["changes.json"].Body)
	if !strings.HasPrefix(list, `{"total":5,"offset":0,"items":[{"commit":"`) ||
		!strings.Contains(list, `"message":"Break things","timestamp":"1736161200","author":"Ada Lovelace","added":0,"removed":1,"changed":2,"links":[`) {
		t.Errorf("the list of changes is %s", list)
	}
}

// A history is the newest content, and how to undo what each version did to it.
func TestHistories(t *testing.T) {
	t.Parallel()
	got := files(t, changing, "merged", build.Options{})
	head := input(t, changing, "merged", build.Options{}).History.Head().ID.String()
	for _, tt := range []struct {
		resource string
		versions []string // state, patch, old
		file     string
		contents []string // by undoing
	}{
		{
			resource: "sites/s/clusters/c/nodes/n", // unreadable for a while
			versions: []string{
				`present,[{"op":"replace","path":"/ram","value":2.5},{"op":"remove","path":"/disks/1"}],{"/ram":2.50,"/disks/1":"b"}`,
				`unreadable,,`, `present,,`},
			file: `{"uid":"n","node_type":"compute","ram":2.5,"disks":["a","c"]}`,
			contents: []string{`{"uid":"n","node_type":"compute","ram":2.5,"disks":["a","c"]}`, `null`,
				`{"uid":"n","node_type":"compute","ram":2.50,"disks":["a","b","c"]}`},
		},
		{
			resource: "sites/s/clusters/c/nodes/l", // a link for a while
			versions: []string{`present,[],{}`, `unreadable,,`, `present,,`},
			file:     `{"uid":"l"}`,
			contents: []string{`{"uid":"l"}`, `null`, `{"uid":"l"}`},
		},
		{
			resource: "sites/s/flavors/m1", // removed, and added again
			versions: []string{`present,[{"op":"replace","path":"/vcpus","value":2}],{"/vcpus":1}`, `absent,,`, `present,,`},
			file:     `{"uid":"m1","vcpus":2}`,
			contents: []string{`{"uid":"m1","vcpus":2}`, `null`, `{"uid":"m1","vcpus":1}`},
		},
		{
			resource: "sites/s", // touched below
			versions: []string{`present,[],{}`, `present,[],{}`, `present,[],{}`, `present,[],{}`, `present,,`},
			file:     `{"uid":"s","name":"S"}`,
			contents: slices.Repeat([]string{`{"uid":"s","name":"S"}`}, 5),
		},
		{
			resource: "sites/s/clusters/c",
			versions: []string{`present,[],{}`, `present,[],{}`, `present,[],{}`, `present,[],{}`, `present,,`},
			file:     `{"uid":"c"}`,
			contents: slices.Repeat([]string{`{"uid":"c"}`}, 5),
		},
	} {
		t.Run(tt.resource, func(t *testing.T) {
			t.Parallel()
			f := got[tt.resource+"/history.json"]
			h := read[toldHistory](t, f.Body)
			if string(h.File) != tt.file {
				t.Errorf("the file is %s, want %s", h.File, tt.file)
			}

			items := read[struct{ Items []map[string]json.RawMessage }](t, f.Body).Items
			entries := read[struct{ Items []json.RawMessage }](t, got[tt.resource+"/versions.json"].Body).Items
			var versions []string
			for i, item := range items {
				versions = append(versions, fmt.Sprintf("%s,%s,%s", h.Items[i].State, item["patch"], item["old"]))
				if !bytes.Equal(item["version"], entries[i]) {
					t.Errorf("version %d is %s, want %s", i, item["version"], entries[i])
				}
			}

			if !slices.Equal(versions, tt.versions) {
				t.Errorf("the versions are\n%q, want\n%q", versions, tt.versions)
			}

			for i, c := range contents(t, h) {
				if !reflect.DeepEqual(c, exact(t, []byte(tt.contents[i]))) {
					t.Errorf("version %d was %v, want %s", i, c, tt.contents[i])
				}
			}

			// Nothing in it is of the served commit, unless that touched the resource.
			newest := h.Items[0].Version.UID
			if h.Version == nil || *h.Version != newest {
				t.Errorf("the version is %v, want %s", h.Version, newest)
			}
			if newest != head && bytes.Contains(f.Body, []byte(head)) {
				t.Error("the history names HEAD")
			}
			if detail := got[tt.resource+"/versions/"+newest+".json"]; !f.Time.Equal(detail.Time) {
				t.Errorf("the history has the time %s, its newest version %s", f.Time, detail.Time)
			}
		})
	}
}

// Of a work tree the newest commit may not have a file, or an unreadable one: the
// history goes back from the newest content that a commit has.
func TestHistoriesOfAWorkTree(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, changing)
	in := treetest.Input(t, repo, "merged", build.Options{})
	broken, err := repo.Resolve("broken")
	if err != nil {
		t.Fatal(err)
	}

	hist, changes := treetest.History(t, repo, broken, in.Grid)
	in.History, in.Changes = hist, func() (*change.Log, error) { return changes, nil }
	in.Edited = time.Date(2025, 1, 7, 0, 0, 0, 0, time.UTC)
	got := map[string]string{}
	for _, f := range treetest.Files(t, in) {
		got[f.Path] = string(f.Body)
	}

	for _, tt := range []struct{ resource, version, file, states string }{
		{
			resource: "clusters/c/nodes/g1",
			version:  "null",
			file:     "null",
		},
		{
			resource: "clusters/c/nodes/n",
			version:  broken.String(),
			file:     `{"uid":"n","node_type":"compute","ram":2.50,"disks":["a","b","c"]}`,
			states:   "unreadable present",
		},
		{
			resource: "flavors/m1",
			version:  broken.String(),
			file:     `{"uid":"m1","vcpus":1}`,
			states:   "absent present",
		},
		{
			resource: "clusters/c",
			version:  broken.String(),
			file:     `{"uid":"c"}`,
			states:   "present present",
		},
	} {
		h := read[toldHistory](t, []byte(got["sites/s/"+tt.resource+"/history.json"]))
		version := "null"
		if h.Version != nil {
			version = *h.Version
		}

		var states []string
		for _, v := range h.Items {
			states = append(states, v.State)
		}

		if s := strings.Join(states, " "); version != tt.version || string(h.File) != tt.file || s != tt.states {
			t.Errorf("%s: version %s, states %q, file %s; want %s, %q, %s", tt.resource, version, s, h.File,
				tt.version, tt.states, tt.file)
		}
		if len(h.Items) > 0 && !slices.ContainsFunc(contents(t, h), func(c any) bool { return c != nil }) {
			t.Errorf("%s: no version has a content", tt.resource)
		}
	}
}
