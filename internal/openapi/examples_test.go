package openapi_test

import (
	"net/url"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

// No example may fail the schema beside it.
func TestLintExamples(t *testing.T) {
	t.Parallel()
	l := newLinter(t)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	const where = "mem:///openapi.json"
	if err := c.AddResource(where, l.doc); err != nil {
		t.Fatal(err)
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

		if len(values) == 0 {
			return
		}

		schema, err := c.Compile(where + "#" + (&url.URL{Path: path}).EscapedPath() + "/schema")
		if err != nil {
			t.Fatal(err)
		}

		for _, v := range values {
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			checked++
		}
	})

	if checked < 100 {
		t.Errorf("only %d examples were found", checked)
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
