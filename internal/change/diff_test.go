package change_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// encode returns a difference as answers have it: its patch, and the old values.
func encode(d *change.Delta) (patch, old []byte) {
	wire := build.Difference(d)
	return api.Encode(wire.Patch), api.Encode(wire.Old)
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, to, patch, old string }{
		{from: `{}`, to: `{}`,
			patch: `[]`, old: `{}`},
		{from: `{"a":1,"b":2}`, to: `{"b":2,"a":1}`,
			patch: `[]`, old: `{}`},
		{from: `{"a":2.50}`, to: `{"a":2.5}`,
			patch: `[{"op":"replace","path":"/a","value":2.5}]`, old: `{"/a":2.50}`},
		{from: `{"a":"\u00dc"}`, to: `{"a":"Ü"}`,
			patch: `[]`, old: `{}`},
		{from: `{"\u0061":1}`, to: `{"a":2}`,
			patch: `[{"op":"replace","path":"/a","value":2}]`, old: `{"/a":1}`},
		{from: `{"a":null}`, to: `{}`,
			patch: `[{"op":"remove","path":"/a"}]`, old: `{"/a":null}`},
		{from: `{}`, to: `{"a":null}`,
			patch: `[{"op":"add","path":"/a","value":null}]`, old: `{}`},
		{from: `{"a/b":{"~":1}}`, to: `{"a/b":{"~":{}}}`,
			patch: `[{"op":"replace","path":"/a~1b/~0","value":{}}]`, old: `{"/a~1b/~0":1}`},
		{from: `{"":{"x":1}}`, to: `{"":{}}`,
			patch: `[{"op":"remove","path":"//x"}]`, old: `{"//x":1}`},
		{from: `{"a":[1,2,3,4]}`, to: `{"a":[1,4]}`,
			patch: `[{"op":"remove","path":"/a/2"},{"op":"remove","path":"/a/1"}]`, old: `{"/a/2":3,"/a/1":2}`},
		{from: `{"a":[1,4]}`, to: `{"a":[1,2,3,4]}`,
			patch: `[{"op":"add","path":"/a/1","value":2},{"op":"add","path":"/a/2","value":3}]`, old: `{}`},
		{from: `{"a":[{"x":1,"y":1},9]}`, to: `{"a":[{"x":2,"y":1},8,9]}`,
			patch: `[{"op":"replace","path":"/a/0/x","value":2},{"op":"add","path":"/a/1","value":8}]`, old: `{"/a/0/x":1}`},
		{from: `{"a":[]}`, to: `{"a":{}}`,
			patch: `[{"op":"replace","path":"/a","value":{}}]`, old: `{"/a":[]}`},
		{from: `{"a":"x,]}\"\\"}`, to: `{"a":"x,]}\"\\","b":[]}`,
			patch: `[{"op":"add","path":"/b","value":[]}]`, old: `{}`},
	} {
		d := change.Diff([]byte(tt.from), []byte(tt.to))
		patch, old := encode(d)
		if string(patch) != tt.patch || string(old) != tt.old {
			t.Errorf("Diff(%s, %s) =\n%s %s, want\n%s %s", tt.from, tt.to, patch, old, tt.patch, tt.old)
		}
	}
}

// drawValue draws JSON text from few enough names and values that two of them
// often have something in common.
func drawValue(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		scalar := rapid.SampledFrom([]string{"0", "1", "1.0", "-2.50", "1e3", "true", "null", `""`, `"a"`,
			`"\u0061"`, `"é\\\""`, `"x,]}"`})
		if depth == 0 {
			return scalar.Draw(t, "scalar")
		}

		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return scalar.Draw(t, "scalar")
		case 1:
			return "[" + strings.Join(rapid.SliceOfN(drawValue(depth-1), 0, 5).Draw(t, "elements"), ",") + "]"
		}

		return drawObject(depth-1).Draw(t, "object")
	})
}

func drawObject(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{`""`, `"a"`, `"b"`, `"~/"`, `"~1"`, `"\"q\\"`,
			`"0"`, `"é"`}), 0, 6, rapid.ID).Draw(t, "names")
		var members []string

		if rapid.IntRange(0, 9).Draw(t, "many") == 0 {
			for i := range 40 {
				names = append(names, fmt.Sprintf("%q", fmt.Sprint("n", i)))
			}
			names = rapid.Permutation(names).Draw(t, "order")
		}

		for _, n := range names {
			members = append(members, n+":"+drawValue(depth).Draw(t, "value"))
		}

		return "{" + strings.Join(members, ",") + "}"
	})
}

// The patch makes the second text of the first, and the old values are those
// of the first.
func TestDiffApplies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from, to := drawObject(3).Draw(t, "from"), drawObject(3).Draw(t, "to")
		d := change.Diff([]byte(from), []byte(to))
		patch, old := encode(d)
		if got := apply(t, from, patch); !same(got, decode(t, to)) {
			t.Fatalf("%s with %s becomes %v, want %s", from, patch, got, to)
		}

		var values map[string]json.RawMessage
		if err := json.Unmarshal(old, &values); err != nil {
			t.Fatalf("%s: %v", old, err)
		}

		count := 0
		for _, op := range operations(t, patch) {
			if op.Op == "add" {
				continue
			}
			count++
			if v, ok := values[op.Path]; !ok || !same(decode(t, string(v)), lookUp(t, decode(t, from), op.Path)) {
				t.Fatalf("from %s: the old value of %s is %s", from, op.Path, v)
			}
		}

		if count != len(values) {
			t.Fatalf("%d old values for %d operations of %s", len(values), count, patch)
		}
		if d := change.Diff([]byte(to), []byte(to)); len(d.Ops) > 0 {
			t.Fatalf("%s differs from itself: %s", to, api.Encode(build.Difference(d).Patch))
		}
	})
}

func FuzzDiff(f *testing.F) {
	f.Add(`{"a":[1,{"b":"\""}]}`, `{"a":[{"b":"\\"},1]}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		from, err := rawjson.Compact([]byte(a), rawjson.Limits{Depth: 64})
		if err != nil {
			return
		}

		to, err := rawjson.Compact([]byte(b), rawjson.Limits{Depth: 64})
		if err != nil {
			return
		}

		patch, _ := encode(change.Diff(from, to))
		if got := apply(t, string(from), patch); !same(got, decode(t, string(to))) {
			t.Errorf("%s with %s becomes %v, want %s", from, patch, got, to)
		}
	})
}

func BenchmarkDiff(b *testing.B) {
	var from strings.Builder
	from.WriteString(`{"uid":"n","network_adapters":[`)

	for i := range 12 {
		fmt.Fprintf(&from, `{"device":"eth%d","enabled":true,"mac":"00:11:22:33:44:%02d","rate":10000000000},`, i, i)
	}

	from.WriteString(`{}],"architecture":{"smt_size":48},"node_type":"compute"}`)
	a := []byte(from.String())
	z := []byte(strings.Replace(from.String(), "eth7", "eth77", 1))
	b.SetBytes(int64(len(a)))

	for b.Loop() {
		change.Diff(a, z)
	}
}
