package rawjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseKeepsOrderAndText(t *testing.T) {
	t.Parallel()
	const src = "{\n  \"b\": 2.50,\n  \"a\": \"\\u00e9 é <&>\",\n  \"n\\u0061me\": [1e3, {\"x\": null}]\n}\n"
	o, err := Parse([]byte(src), Limits{})
	if err != nil {
		t.Fatal(err)
	}

	var b Builder
	b.BeginObject()

	for m := range o.Members() {
		b.RawKey(m.Key)
		b.Raw(m.Value)
	}

	b.EndObject()
	want := `{"b":2.50,"a":"\u00e9 é <&>","n\u0061me":[1e3,{"x":null}]}`
	if got := string(b.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, ok := o.String("a"); !ok || got != "é é <&>" {
		t.Errorf(`String("a") = %q, %v`, got, ok)
	}
	if o.Get("name") == nil {
		t.Error("a member whose name is written with an escape is not found by its name")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	lim := Limits{Bytes: 1 << 10, Depth: 8}
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "1:1: unexpected end of file"},
		{"not an object", "[1]", "1:1: the text is not a JSON object"},
		{"bom", "\xef\xbb\xbf{}", "1:1: a byte order mark is not JSON"},
		{"truncated", "{\n \"a\": [1,", "2:10: unexpected end of file (in /a)"},
		{"two values", "{} {}", "1:4: "},
		{"missing comma", "{\n  \"a\": 1\n  \"b\": 2\n}", "3:3: "},
		{"single quotes", "{'a': 1}", "1:2: "},
		{"nan", "{\n\"a\": NaN}", "2:6: NaN and Infinity are not JSON (RFC 8259, section 6) (in /a)"},
		{"infinity", `{"a": Infinity}`, "1:7: NaN and Infinity are not JSON (RFC 8259, section 6) (in /a)"},
		{"minus infinity", `{"a": -Infinity}`, "NaN and Infinity are not JSON (RFC 8259, section 6) (in /a)"},
		{"duplicate", "{\"a\": 1,\n \"b\": {\"x\": 1,\n   \"x\": 2}}", `3:4: duplicate member "x" (in /b/x)`},
		{"duplicate by escape", `{"a": 1, "\u0061": 2}`, `duplicate member "a"`},
		{"invalid utf-8", "{\"a\": \"ab\xff\"}", "1:10: the text is not valid UTF-8 (in /a)"},
		{"lone surrogate", `{"a": "\ud800"}`, "1:8: "},
		{"deep", strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9), "1:41: nested deeper than 8 levels"},
		{"long", `{"a":"` + strings.Repeat("x", 1<<10) + `"}`, "1:1: the text is 1032 bytes long, the limit is 1024"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(tt.src), lim)
			var se *SyntaxError
			if !errors.As(err, &se) {
				t.Fatalf("Parse(%q) = %v, want a *SyntaxError", tt.src, err)
			}

			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse(%q): %v\nwant %q in it", tt.src, err, tt.want)
			}
		})
	}
}

func TestParseBracketsInStringsAreNotDepth(t *testing.T) {
	t.Parallel()
	if _, err := Parse([]byte(`{"a":"[[[[[[\"[[[[","b":"{\\"}`), Limits{Depth: 2}); err != nil {
		t.Error(err)
	}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	src := []byte("{\n  \"a\": {\n    \"b/c\": [10,\n      {\"d\": \"x\"}]\n  }\n}\n")
	for _, tt := range []struct {
		pointer   string
		key       bool
		line, col int
	}{
		{line: 1, col: 1},
		{pointer: "/a", line: 2, col: 8},
		{pointer: "/a", key: true, line: 2, col: 3},
		{pointer: "/a/b~1c/0", line: 3, col: 13},
		{pointer: "/a/b~1c/1/d", line: 4, col: 13},
		{pointer: "/a/b~1c/1/d", key: true, line: 4, col: 8},
		{pointer: "/nope", line: 1, col: 1},
	} {
		if line, col := Position(src, tt.pointer, tt.key); line != tt.line || col != tt.col {
			t.Errorf("Position(%q, %v) = %d:%d, want %d:%d", tt.pointer, tt.key, line, col, tt.line, tt.col)
		}
	}
}

func TestMembersAndElements(t *testing.T) {
	t.Parallel()
	const text = `{"a":1,"l\"i]st":[1,"two\\",{"k":"}"},[[4],5],null],"b":{"x":[]},"":-2.50}`
	var got []string
	for key, value := range Members([]byte(text)) {
		got = append(got, string(key)+" "+string(value))
		for e := range Elements(value) {
			got = append(got, string(e))
		}
	}

	want := []string{
		`"a" 1`, `"l\"i]st" [1,"two\\",{"k":"}"},[[4],5],null]`, "1", `"two\\"`, `{"k":"}"}`, "[[4],5]", "null",
		`"b" {"x":[]}`, `"" -2.50`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	for _, text := range []string{"", "1", "null", `"{}"`, "{}", "[]"} {
		for key := range Members([]byte(text)) {
			t.Errorf("%s has the member %s", text, key)
		}
		for value := range Elements([]byte(text)) {
			t.Errorf("%s has the element %s", text, value)
		}
	}
}

func TestBuilder(t *testing.T) {
	t.Parallel()
	var b Builder
	b.BeginObject()
	b.Key("s")
	b.String("a\"\\\n<>&\u2028\xff[")
	b.Key("a")
	b.BeginArray()
	b.Int(-1)
	b.BeginObject()
	b.EndObject()
	b.Raw(nil)
	b.Raw([]byte("2.50"))
	b.EndArray()
	b.EndObject()
	want := "{\"s\":\"a\\\"\\\\\\n<>&\u2028\ufffd[\",\"a\":[-1,{},null,2.50]}"
	if got := string(b.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzParse holds Parse against encoding/json: what we accept is JSON with the
// same meaning, and what we refuse is refused with a place inside the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"{}", `{"a":1}`, `{"a":[1,{"b":"\u00e9"}]}`, `{"a":NaN}`, `{"a":1,"a":2}`,
		"{\"a\":\"\xff\"}", "[[", `{"a`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		o, err := Parse(src, Limits{Depth: 64})
		if err != nil {
			var se *SyntaxError
			if !errors.As(err, &se) || se.Line < 1 || se.Col < 1 || se.Line > 1+bytes.Count(src, []byte("\n")) {
				t.Fatalf("Parse(%q): bad error %#v", src, err)
			}
			return
		}

		var b Builder
		b.BeginObject()

		for m := range o.Members() {
			b.RawKey(m.Key)
			b.Raw(m.Value)
		}

		b.EndObject()
		var want bytes.Buffer
		if err := json.Compact(&want, src); err != nil {
			t.Fatalf("Parse accepted %q, encoding/json says %v", src, err)
		}
		if !bytes.Equal(b.Bytes(), want.Bytes()) {
			t.Fatalf("got %s, want %s", b.Bytes(), want.Bytes())
		}
	})
}
