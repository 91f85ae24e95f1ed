package build_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// told are the documents of this file's tests, as far as they are looked at.
type (
	toldHistory struct {
		Total int
		Items []struct {
			Version struct{ UID string }
			State   string
			Patch   []toldOperation
			Old     map[string]json.RawMessage
			Item    json.RawMessage
		}
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

func TestHistories(t *testing.T) {
	t.Parallel()
	got := files(t, changing, "merged", build.Options{})
	for p, want := range map[string][]string{
		"sites/s/clusters/c/nodes/n/history.json": {
			`present,[{"op":"replace","path":"/ram","value":2.5},{"op":"remove","path":"/disks/1"}],{"/ram":2.50,"/disks/1":"b"},{"uid":"n","node_type":"compute","ram":2.5,"disks":["a","c"]}`,
			`unreadable,,,null`,
			`present,,,{"uid":"n","node_type":"compute","ram":2.50,"disks":["a","b","c"]}`},
		"sites/s/clusters/c/nodes/l/history.json": {`present,[],{},{"uid":"l"}`, `unreadable,,,null`,
			`present,,,{"uid":"l"}`},
		"sites/s/flavors/m1/history.json": {
			`present,[{"op":"replace","path":"/vcpus","value":2}],{"/vcpus":1},{"uid":"m1","vcpus":2}`, `absent,,,null`, `present,,,{"uid":"m1","vcpus":1}`},
		"sites/s/history.json": {`present,[],{},`, `present,[],{},`, `present,[],{},`, `present,[],{},`,
			`present,,,`},
		"sites/s/clusters/c/history.json": {`present,[],{},`, `present,[],{},`, `present,[],{},`, `present,[],{},`,
			`present,,,`},
	} {
		o, err := rawjson.Parse(got[p].Body, rawjson.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}

		var items, entries []json.RawMessage
		if err := json.Unmarshal(o.Get("items"), &items); err != nil {
			t.Fatal(err)
		}
		versions, err := rawjson.Parse(got[strings.Replace(p, "history.json", "versions.json", 1)].Body,
			rawjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}

		if err := json.Unmarshal(versions.Get("items"), &entries); err != nil {
			t.Fatal(err)
		}
		if len(items) != len(want) || len(entries) != len(want) {
			t.Errorf("%s has %d items for %d versions, want %d", p, len(items), len(entries), len(want))
			continue
		}

		for i := range items {
			item, err := rawjson.Parse(items[i], rawjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}

			state, _ := item.String("state")
			text := strings.Join([]string{state, string(item.Get("patch")), string(item.Get("old")),
				string(item.Get("item"))}, ",")
			if text != want[i] {
				t.Errorf("%s: item %d is\n%s, want\n%s", p, i, text, want[i])
			}
			if !bytes.Equal(item.Get("version"), entries[i]) {
				t.Errorf("%s: version %d is %s, want %s", p, i, item.Get("version"), entries[i])
			}
		}
	}
}
