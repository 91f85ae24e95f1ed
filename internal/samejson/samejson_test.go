package samejson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/samejson"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want, diff string }{
		{`{"a":1,"b":[true,null,"x"]}`, ` { "a" : 1.0, "b": [true, null, "\u0078"] } `, ""},
		{`{"a":1e2}`, `{"a":100}`, ""},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, "at /: "},
		{`{"a":{"b/c":[1,{"d~e":2}]}}`, `{"a":{"b/c":[1,{"d~e":3}]}}`, "at /a/b~1c/1/d~0e: 2, want 3: "},
		{`{"a":[1,2]}`, `{"a":[1]}`, "at /a/1: 2, want ]: "},
		{`{"a":1}`, `{"a":1,"b":2}`, `at /: }, want "b": `},
		{`{"a":"1"}`, `{"a":1}`, `at /a: "1", want 1: `},
		{`{"a":null}`, `{"a":false}`, "at /a: null, want false: "},
		{`{"a":1e999999999}`, `{"a":1e999999999}`, ""},
		{`{"a":1e999999999}`, `{"a":2e999999999}`, "at /a: 1e999999999"},
		{`{"a":1`, `{"a":1}`, "at byte 6: "},
		{`{}`, `{} {}`, "at byte 2: EOF"},
		{`<html>`, `{}`, "at byte "},
		{"", `{}`, "at byte 0: EOF"},
	} {
		if diff := samejson.Diff([]byte(tt.got), []byte(tt.want)); !strings.HasPrefix(diff, tt.diff) || (diff == "") != (tt.diff == "") {
			t.Errorf("%s and %s: %q, want %q", tt.got, tt.want, diff, tt.diff)
		}
	}
}

// Values that differ are shown with their place, and names never are.
func TestDiffFunc(t *testing.T) {
	t.Parallel()
	asked := ""
	diff := samejson.DiffFunc([]byte(`{"a":[1,{"b":"x"}],"c":2}`), []byte(`{"a":[3,{"b":4}],"d":2}`),
		func(at string, got, want json.Token) bool {
			asked += at + " "
			return true
		})
	if asked != "/a/0 /a/1/b " || !strings.HasPrefix(diff, `at /: "c", want "d"`) {
		t.Errorf("asked about %q, and then %q", asked, diff)
	}
}

func FuzzDiff(f *testing.F) {
	f.Add(`{"a":[1,{"b":"x"}],"c":2}`, `{"a":[1,{"b":"x"}],"c":2.0}`)
	f.Add(`[1e5,[[]],{}]`, `[100000,[[]],{}]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := samejson.Diff([]byte(a), []byte(b)), samejson.Diff([]byte(b), []byte(a))
		if (x == "") != (y == "") {
			t.Errorf("%q and %q: %q, and the other way %q", a, b, x, y)
		}
		if diff := samejson.Diff([]byte(a), []byte(a)); diff != "" && json.Valid([]byte(a)) {
			t.Errorf("%q is not itself: %s", a, diff)
		}
	})
}
