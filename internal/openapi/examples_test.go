package openapi_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

// No example may fail its schema, whether it is of data or made of the types.
func TestLintExamples(t *testing.T) {
	t.Parallel()
	lintExamples(newLinter(t))
	lintExamples(lintOf(t, openapi.Options{}))
}

func lintExamples(l linter) {
	l.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	const where = "mem:///openapi.json"
	if err := c.AddResource(where, l.doc); err != nil {
		l.Fatal(err)
	}

	checked := 0
	every(l.doc, "", func(path string, o object) {
		var values []any
		if e, ok := o["example"]; ok {
			values = append(values, e)
		}

		for _, e := range l.get(o, "examples") {
			values = append(values, e.(object)["value"])
		}

		of := path + "/schema"
		if all, ok := o["examples"].([]any); ok { // they are in the schema
			values, of = all, path
		}

		if len(values) == 0 {
			return
		}

		schema, err := c.Compile(where + "#" + (&url.URL{Path: of}).EscapedPath())
		if err != nil {
			l.Fatal(err)
		}

		for _, v := range values {
			if err := schema.Validate(v); err != nil {
				l.Errorf("%s: %v", path, err)
			}
			checked++
		}
	})

	if checked < 100 {
		l.Errorf("only %d examples were found", checked)
	}
}

// Tools make random characters up from a pattern. Members of files have none.
func TestTextsHaveExamples(t *testing.T) {
	t.Parallel()
	l := newLinter(t)
	var visit func(path string, o object)
	visit = func(path string, o object) {
		if slices.ContainsFunc([]string{"examples", "enum", "const", "x-extensible-enum"},
			func(keyword string) bool { return o[keyword] != nil }) {
			return
		}

		kind := o["type"]
		if several, ok := kind.([]any); ok {
			kind = several[0]
		}
		if kind == "string" && (o["pattern"] != nil || o["format"] != nil) {
			l.Errorf("%s has no examples", path)
		}

		for name, p := range l.get(o, "properties") {
			visit(path+"/"+name, p.(object))
		}
		if items := l.get(o, "items"); items != nil {
			visit(path+"/items", items)
		}
	}

	for name, s := range l.get(l.doc, "components", "schemas") {
		visit(name, s.(object))
	}
}

// The form of Swagger UI starts with the examples of parameters: those of a path are of
// a resource that exists, and a query, whose parameters rarely go together, is empty.
func TestExamplesOfParameters(t *testing.T) {
	t.Parallel()
	values := map[string]string{"site": "south", "site_id": "south", "gpu_model": "", "min_ram": "4096"}
	l := lintOf(t, openapi.Options{Values: values, Filters: []byte(`{"filter_set":[]}`)})
	search := l.get(l.doc, "paths", "/nodes/search")
	if got := l.get(search, "post", "requestBody", "content", "application/json", "example"); len(got) != 1 {
		t.Errorf("the example of a body is %v", got)
	}

	want := map[string]any{"site_id": []any{"south"}, "gpu_model": nil, "min_ram": []any{4096.0}, "limit": []any{10.0}}
	got := map[string]any{}
	for _, p := range l.get(search, "get")["parameters"].([]any) {
		p := p.(object)
		if _, ok := want[p["name"].(string)]; ok {
			got[p["name"].(string)] = l.get(p, "schema")["examples"]
		}
	}

	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}

	site := l.get(l.doc, "paths", "/sites/{site}", "get")["parameters"].([]any)[0].(object)
	if site["example"] != "south" {
		t.Errorf("the example of a site is %v", site["example"])
	}
}

// An example that does not fit its route is a mistake of the caller.
func TestExampleWantsAllArguments(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an example with too few arguments is accepted")
		}
	}()
	openapi.Document(openapi.Options{Examples: openapi.Examples{route.Node: {Args: []string{"uc"},
		Body: []byte("{}")}}})
}
