package check_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/inventory"
)

// schema is a part of a schema.
type schema struct {
	Type       types
	Required   []string
	Properties map[string]schema
	Items      *schema
	MinLength  *int
	Minimum    *float64
	Maximum    *float64
	MinItems   *int
	Enum       []any
	Const      any
	Format     string
	Pattern    string
	Then       *schema
}

// types are what a value may be: one type, or a list of them.
type types []string

func (t *types) UnmarshalJSON(src []byte) error {
	if src[0] == '[' {
		return json.Unmarshal(src, (*[]string)(t))
	}
	*t = make(types, 1)
	return json.Unmarshal(src, &(*t)[0])
}

// known are the rules of a schema that the test below breaks.
var known = []string{"$schema", "$id", "title", "description", "type", "required", "properties", "items",
	"minLength", "minimum", "maximum", "minItems",
	"enum", "const", "format", "pattern", "if", "then", "uniqueItems"}

// breakage is one way to break a rule: a value, or nothing at all, at a place.
type breakage struct {
	at     []any // names and indexes
	remove bool
	value  any
	rule   string
}

// breakages lists the ways to break each rule of a schema once.
func (s schema) breakages(at []any) (list []breakage) {
	add := func(value any, rule string) {
		list = append(list, breakage{at: slices.Clone(at), value: value, rule: rule})
	}

	if len(s.Type) > 0 {
		if !slices.Contains(s.Type, "null") {
			add(nil, "type")
		}
		wrong := map[string]any{"string": true, "integer": "x", "number": "x", "boolean": "x", "object": []any{},
			"array": map[string]any{}}
		add(wrong[s.Type[0]], "type")
	}

	if s.Const != nil {
		add("other", "value")
	}
	if s.Enum != nil {
		add("other", "value")
	}
	if s.MinLength != nil {
		add("", "empty")
	}
	if s.MinItems != nil {
		add([]any{}, "empty")
	}
	if s.Minimum != nil {
		add(*s.Minimum-1, "out-of-range")
	}
	if s.Maximum != nil {
		add(*s.Maximum+1, "out-of-range")
	}

	if s.Format != "" || s.Pattern != "" {
		rule := map[string]string{"date": "date-form"}[s.Format]
		if strings.HasPrefix(s.Pattern, "^[0-9a-f]{2}") {
			rule = "mac-form"
		} else if strings.HasSuffix(s.Pattern, "GMT$") {
			rule = "date-form"
		} else if rule == "" {
			rule = "value"
		}
		add("of no form", rule)
	}

	required := s.Required
	if s.Then != nil {
		required = append(slices.Clone(required), s.Then.Required...)
	}

	for _, name := range required {
		if name != "uid" || len(at) > 0 {
			list = append(list, breakage{at: append(slices.Clone(at), name), remove: true, rule: "missing-member"})
		}
	}

	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if name != "uid" || len(at) > 0 { // inventory owns that one
			list = append(list, s.Properties[name].breakages(append(slices.Clone(at), name))...)
		}
	}

	if s.Items != nil {
		list = append(list, s.Items.breakages(append(slices.Clone(at), 0))...)
	}

	return list
}

// Each rule of each schema is broken once: the finding has the right rule and
// pointer, and its place is where the value stands.
func TestEveryRule(t *testing.T) {
	t.Parallel()
	good := base(t)
	for kind, p := range paths {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(filepath.Join("../schema", kind+".json"))
			if err != nil {
				t.Fatal(err)
			}

			var s schema
			if err := json.Unmarshal(src, &s); err != nil {
				t.Fatal(err)
			}

			checkKnown(t, src)
			list := s.breakages(nil)[2:] // that the whole is no object is inventory's matter
			fs := maps.Clone(good)

			for _, b := range list {
				doc := decode(t, good[p])
				if kind == "node" { // what a GPU must have is only asked of one
					set(doc, breakage{at: []any{"gpu", "gpu"}, value: true})
				}

				if !set(doc, b) {
					t.Errorf("the good file has no %v", b.at)
					continue
				}

				text, err := json.MarshalIndent(doc, "", "  ")
				if err != nil {
					t.Fatal(err)
				}

				fs[p] = string(text)
				checkFinding(t, fs[p], b, find(t, fs))
			}

			t.Logf("%d rules", len(list))
		})
	}
}

// checkKnown fails the test if a schema has a rule that it does not break.
func checkKnown(t *testing.T, src []byte) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		m, _ := v.(map[string]any)
		for name, part := range m {
			switch {
			case name == "properties":
				for _, property := range part.(map[string]any) {
					walk(property)
				}
			case !slices.Contains(known, name) && !strings.HasPrefix(name, "x-"):
				t.Errorf("the schema has a rule %q, which is not tested", name)
			case name == "items" || name == "then":
				walk(part)
			}
		}
	}

	walk(decode(t, string(src)))
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// set changes a document; false where it has no such value.
func set(doc any, b breakage) bool {
	for i, step := range b.at {
		last := i == len(b.at)-1
		switch v := doc.(type) {
		case map[string]any:
			name := step.(string)
			if _, ok := v[name]; !ok && (b.remove || !last) {
				return false
			}

			switch {
			case last && b.remove:
				delete(v, name)
			case last:
				v[name] = b.value
			}

			doc = v[name]
		case []any:
			if last {
				v[step.(int)] = b.value
			}
			doc = v[step.(int)]
		}
	}
	return true
}

func checkFinding(t *testing.T, text string, b breakage, found inventory.Diagnostics) {
	t.Helper()
	at := b.at
	if b.remove {
		at = at[:len(at)-1]
	}

	var pointer strings.Builder
	for _, step := range at {
		fmt.Fprintf(&pointer, "/%v", step)
	}

	for _, d := range found {
		if d.Rule != b.rule || d.Pointer != pointer.String() || b.remove &&
			!strings.HasSuffix(d.Message, fmt.Sprint(b.at[len(b.at)-1], " is missing")) {
			continue
		}

		rest := strings.Join(strings.Split(text, "\n")[d.Line-1:], "\n")[d.Col-1:]
		want := "{" // the object that lacks something
		if !b.remove {
			value, err := json.Marshal(b.value)
			if err != nil {
				t.Fatal(err)
			}
			want = string(value)
		}

		if !strings.HasPrefix(rest, want) {
			t.Errorf("%s of %s is at %d:%d, where the file has %.20q", d.Rule, d.Pointer, d.Line, d.Col, rest)
		}
		if d.Severity != inventory.Warning || d.Resource == "" || strings.HasSuffix(d.Message, ".") {
			t.Errorf("%+v", d)
		}

		return
	}

	t.Errorf("%v = %v: no %q at %q in\n%s", b.at, b.value, b.rule, pointer.String(), list(found))
}
