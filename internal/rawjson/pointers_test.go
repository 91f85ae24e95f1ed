package rawjson

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
)

func parsePointers(t testing.TB, texts ...string) (ps Pointers) {
	t.Helper()
	for _, text := range texts {
		p, err := ParsePointer(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := FormatPointer(p); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
		ps = append(ps, p)
	}
	return ps
}

func TestPointers(t *testing.T) {
	t.Parallel()
	const text = `{"a":1,"b":{"x":2.50,"y":[{"m":"é","n":1e3},{"m":2},[{"m":3}],"m"]},"l\/\u0069~t":[1,2,3],"":null}`
	for _, tt := range []struct {
		name     string
		pointers []string
		want     string
	}{
		{"none", nil, text},
		{"first", []string{"/a"}, `{"b":{"x":2.50,"y":[{"m":"é","n":1e3},{"m":2},[{"m":3}],"m"]},"l\/\u0069~t":[1,2,3],"":null}`},
		{"last", []string{"/"}, `{"a":1,"b":{"x":2.50,"y":[{"m":"é","n":1e3},{"m":2},[{"m":3}],"m"]},"l\/\u0069~t":[1,2,3]}`},
		{"deep", []string{"/b/x"}, `{"a":1,"b":{"y":[{"m":"é","n":1e3},{"m":2},[{"m":3}],"m"]},"l\/\u0069~t":[1,2,3],"":null}`},
		{"each", []string{"/b/y/*/m"}, `{"a":1,"b":{"x":2.50,"y":[{"n":1e3},{},[{"m":3}],"m"]},"l\/\u0069~t":[1,2,3],"":null}`},
		{"each of each", []string{"/*/*/*/*/m"}, `{"a":1,"b":{"x":2.50,"y":[{"m":"é","n":1e3},{"m":2},[{}],"m"]},"l\/\u0069~t":[1,2,3],"":null}`},
		{"all", []string{"/*"}, `{}`},
		{"all elements", []string{"/b/y/*"}, `{"a":1,"b":{"x":2.50,"y":[]},"l\/\u0069~t":[1,2,3],"":null}`},
		{"element", []string{"/l~1i~0t/1"}, `{"a":1,"b":{"x":2.50,"y":[{"m":"é","n":1e3},{"m":2},[{"m":3}],"m"]},"l\/\u0069~t":[1,3],"":null}`},
		{"several", []string{"/b", "/b/x", "/l~1i~0t/0", "/l~1i~0t/2", "/a"}, `{"l\/\u0069~t":[2],"":null}`},
		{"nothing", []string{"/c", "/a/b", "/b/z", "/l~1i~0t/3", "/l~1i~0t/-", "/l~1i~0t/01", "/b/y/0/m/0"}, text},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ps := parsePointers(t, tt.pointers...)
			if got := string(ps.Remove([]byte(text))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			want := 0
			if tt.name == "nothing" {
				want = len(ps)
			}
			if got := ps.Unmatched([]byte(text)); len(got) != want {
				t.Errorf("these match nothing: %q", got)
			}
		})
	}

	for _, text := range []string{"", "a", "#/a", "/a~", "/~2", "/a/~/b"} {
		if p, err := ParsePointer(text); err == nil {
			t.Errorf("%q is read as %q", text, p)
		}
	}
}

// FuzzPointers holds Remove against decoded values: what it leaves is what remains when
// the named values are deleted from them.
func FuzzPointers(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1,"c":2.50}],"d":{"b":"x"}}`), "/a/*/b")
	f.Add([]byte(`{"a":[1,[2],3]}`), "/a/1")
	f.Add([]byte(`{"":{"":0},"~":1}`), "/~0")
	f.Fuzz(func(t *testing.T, src []byte, pointer string) {
		text, err := Compact(src, Limits{Depth: 32})
		p, parseErr := ParsePointer(pointer)
		if err != nil || parseErr != nil {
			return
		}

		got := Pointers{p}.Remove(text)
		if rest, err := Compact(got, Limits{}); err != nil || !bytes.Equal(rest, got) {
			t.Fatalf("%s without %s is %s: %v", text, pointer, got, err)
		}

		named := len(Pointers{p}.Unmatched(text)) == 0
		if named == bytes.Equal(got, text) {
			t.Fatalf("%s without %s is %s, and something is named: %v", text, pointer, got, named)
		}
		if x, y := decoded(t, got), deleteAt(decoded(t, text), p); !sameJSON(t, x, y) {
			t.Fatalf("%s without %s is %s", text, pointer, got)
		}
	})
}

func decoded(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func deleteAt(value any, p []string) any {
	matches := func(segment string) bool { return p[0] == AnySegment || p[0] == segment }
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if !matches(name) {
				continue
			}
			if len(p) == 1 {
				delete(v, name)
			} else {
				v[name] = deleteAt(member, p[1:])
			}
		}
	case []any:
		rest := []any{}
		for n, element := range v {
			if !matches(strconv.Itoa(n)) {
				rest = append(rest, element)
			} else if len(p) > 1 {
				rest = append(rest, deleteAt(element, p[1:]))
			}
		}
		return rest
	}
	return value
}

func sameJSON(t *testing.T, x, y any) bool {
	t.Helper()
	a, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(y)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(a, b)
}
