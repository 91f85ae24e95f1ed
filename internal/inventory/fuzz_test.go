package inventory_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// FuzzLoad reads a node with any content. A node that is accepted has the uid
// of its file, and is what other readers of JSON take it for; of one that is
// not, there is an error with a place inside the file.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		`{"uid": "n"}`, `{"uid": "m"}`, `{"uid": 1}`, `{}`, ``, `[]`, `null`, "\xef\xbb\xbf{}", `{"uid": "n", "uid": "n"}`,
		"{\n\"uid\": \"\\u006e\",\n\"version\": [1, {\"links\": NaN}]}", `{"uid":"n","links":[],"version":{}}`, "{\"uid\":\"n\\u0000\"}", `{"uid":"n","x":1e999}`,
		"{\"uid\":\"n\",\"\xff\":\"\"}", `{"uid":"n"}{"uid":"n"}`, `{"uid":"n","x":"\ud800"}`, `{"u\u0069d":"n"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		const name = "g/sites/s/clusters/c/nodes/n.json"
		fsys := fstest.MapFS{
			"g/g.json":                     {Data: []byte(`{"uid":"g"}`)},
			"g/sites/s/s.json":             {Data: []byte(`{"uid":"s"}`)},
			"g/sites/s/clusters/c/c.json":  {Data: []byte(`{"uid":"c"}`)},
			"g/sites/s/clusters/c/x.json5": {Data: []byte(`not looked at`)},
			name:                           {Data: content},
		}

		g, found, err := inventory.Load(fsys, "g")
		if err != nil {
			t.Fatal(err)
		}

		errors, _ := found.Count()
		for _, d := range found {
			if d.File != name || d.Line < 1 || d.Col < 1 || d.Line > bytes.Count(content, []byte("\n"))+1 ||
				d.Col > len(content)+1 {
				t.Errorf("the place %s is not in the file", d.Place())
			}
		}

		nodes := slices.Collect(g.In(inventory.Place{}, route.NodeKind))
		if (errors == 0) != (len(nodes) == 1) {
			t.Fatalf("%d errors, and %d nodes", errors, len(nodes))
		}
		if errors > 0 {
			return
		}

		var other struct{ UID string }
		if err := json.Unmarshal(content, &other); err != nil || other.UID != "n" || nodes[0].UID != "n" {
			t.Errorf("accepted as %q, but encoding/json reads %q, %v", nodes[0].UID, other.UID, err)
		}

		var compact bytes.Buffer
		if err := json.Compact(&compact, content); err != nil || !bytes.Equal(compact.Bytes(), nodes[0].File.Text) {
			t.Errorf("kept as %q, want %q", nodes[0].File.Text, compact.Bytes())
		}
	})
}
