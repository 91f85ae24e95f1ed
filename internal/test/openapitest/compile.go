package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The parts of responses and headers that matter here.
type (
	rawResponse struct {
		Ref     string `json:"$ref"`
		Headers map[string]struct {
			Ref string `json:"$ref"`
		}
		Content map[string]struct {
			Schema   json.RawMessage
			Example  *rawProblem
			Examples map[string]struct{ Value rawProblem }
		}
	}
	rawProblem struct{ Detail any }
)

// compiler compiles the schemas of a document. Its first error stays.
type compiler struct {
	*jsonschema.Compiler
	err error
}

// document is where the compiler finds the document.
const document = "mem:///openapi.json"

func newCompiler(src []byte) (*compiler, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("read OpenAPI document: %w", err)
	}

	closeSchemas(doc)
	c := &compiler{Compiler: jsonschema.NewCompiler()}
	c.DefaultDraft(jsonschema.Draft2020) // OpenAPI Specification 3.1.0, section 4.8.24
	c.AssertFormat()

	if err := c.AddResource(document, doc); err != nil {
		return nil, fmt.Errorf("read OpenAPI document: %w", err)
	}

	return c, nil
}

// closeSchemas makes schemas refuse what the document leaves open to later additions
// but nothing sends yet: members that are not declared, values that are not known
// and more links than the ones that are listed.
func closeSchemas(value any) {
	switch v := value.(type) {
	case []any:
		for _, e := range v {
			closeSchemas(e)
		}
	case map[string]any:
		if known, ok := v["x-extensible-enum"]; ok {
			v["enum"] = append([]any{nil}, known.([]any)...) // null where the type allows it
		}
		if _, hasMembers := v["properties"].(map[string]any); hasMembers && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		if items, ok := v["items"].(map[string]any); ok && items["$ref"] == "#/components/schemas/Link" {
			v["maxItems"] = v["minItems"]
		}

		for _, e := range v {
			closeSchemas(e)
		}
	}
}

// schema compiles what a JSON pointer's tokens lead to.
func (c *compiler) schema(tokens ...string) *jsonschema.Schema {
	var pointer strings.Builder
	for _, t := range tokens {
		// RFC 6901, section 3, then percent-encoding for the fragment.
		t = strings.NewReplacer("~", "~0", "/", "~1").Replace(t)
		pointer.WriteString("/" + strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D").Replace(t))
	}

	s, err := c.Compile(document + "#" + pointer.String())
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("compile schema %s: %w", pointer.String(), err)
	}

	return s
}

// response compiles a response that is no reference.
func (c *compiler) response(raw rawResponse, at ...string) response {
	r := response{headers: map[string]*jsonschema.Schema{}, content: map[string]content{}}
	for name, h := range raw.Headers {
		where := append(at[:len(at):len(at)], "headers", name)
		if shared, ok := strings.CutPrefix(h.Ref, "#/components/headers/"); ok {
			where = []string{"components", "headers", shared}
		}
		r.headers[name] = c.schema(append(where, "schema")...)
	}

	for mediaType, m := range raw.Content {
		var one content
		if m.Schema != nil {
			one.schema = c.schema(append(at[:len(at):len(at)], "content", mediaType, "schema")...)
		}

		if mediaType == "application/problem+json" {
			if m.Example != nil {
				one.details = append(one.details, fmt.Sprint(m.Example.Detail))
			}
			for _, e := range m.Examples {
				one.details = append(one.details, fmt.Sprint(e.Value.Detail))
			}
		}

		r.content[mediaType] = one
	}

	return r
}

// UnmarshalJSON takes any example, of which only problems have a detail.
func (p *rawProblem) UnmarshalJSON(text []byte) error {
	var problem struct{ Detail any }
	_ = json.Unmarshal(text, &problem) // another kind of value
	p.Detail = problem.Detail
	return nil
}
