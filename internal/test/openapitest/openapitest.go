// Package openapitest checks HTTP responses against the OpenAPI document, for
// tests. It reads the document as any client would, but for the choice of the
// route, which is package route's: where two patterns fit an address, OpenAPI
// says only that the more concrete one wins.
package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Validator holds a document whose schemas are compiled. It may be used by
// several goroutines.
type Validator struct {
	base    string // path that all addresses start with
	paths   map[string]map[string]operation
	shared  map[string]response
	schemas map[string]*jsonschema.Schema // of components, by name
}

// New reads a document and compiles its schemas. Formats are asserted.
func New(document []byte) (*Validator, error) {
	var doc struct {
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct {
			Responses map[string]rawResponse
		}
		Components struct {
			Schemas   map[string]json.RawMessage
			Responses map[string]rawResponse
		}
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("read OpenAPI document: %w", err)
	}

	c, err := newCompiler(document)
	if err != nil {
		return nil, err
	}

	v := &Validator{paths: map[string]map[string]operation{}, shared: map[string]response{},
		schemas: map[string]*jsonschema.Schema{}}
	for name := range doc.Components.Schemas {
		v.schemas[name] = c.schema("components", "schemas", name)
	}

	for name, r := range doc.Components.Responses {
		v.shared[name] = c.response(r, "components", "responses", name)
	}

	for path, methods := range doc.Paths {
		v.paths[path] = map[string]operation{}
		for method, o := range methods {
			op := operation{}
			for status, r := range o.Responses {
				if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
					op[status] = v.shared[name]
				} else {
					op[status] = c.response(r, "paths", path, method, "responses", status)
				}
				if status == "206" {
					op[status] = op[status].part()
				}
			}

			v.paths[path][strings.ToUpper(method)] = op
		}
	}

	if len(doc.Servers) > 0 {
		if u, err := url.Parse(doc.Servers[0].URL); err == nil {
			v.base = strings.TrimSuffix(u.Path, "/")
		}
	}

	return v, c.err
}

// operation is what a method does: its responses, by status.
type operation map[string]response

// of returns the response that describes a status (OpenAPI Specification
// 3.1.0, section 4.8.16).
func (o operation) of(status int) (response, bool) {
	s := strconv.Itoa(status)
	for _, key := range []string{s, s[:1] + "XX", "default"} {
		if r, ok := o[key]; ok {
			return r, true
		}
	}
	return response{}, false
}

// response describes an answer.
type response struct {
	headers map[string]*jsonschema.Schema
	content map[string]content // by media type
}

type content struct {
	schema  *jsonschema.Schema // nil for none
	details []string           // that problems of this response have
}

// body checks a body.
func (r response) body(contentType string, body []byte) error {
	if len(r.content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("there is a body of %d bytes, and the document has none", len(body))
		}
		return nil
	}

	c, err := r.media(contentType)
	if err != nil {
		return err
	}
	if c.schema == nil { // a part of a body
		return nil
	}
	if mediaType, _, _ := mime.ParseMediaType(contentType); mediaType != "application/json" &&
		!strings.HasSuffix(mediaType, "+json") {
		return c.schema.Validate(string(body))
	}

	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	if err := c.schema.Validate(value); err != nil {
		return err
	}

	if len(c.details) > 0 {
		problem, _ := value.(map[string]any)
		if detail, _ := problem["detail"].(string); !slices.Contains(c.details, detail) {
			return fmt.Errorf("the detail is %q, the document knows %q", detail, c.details)
		}
	}

	return nil
}

// media finds the description of a media type, whose parameters do not matter.
func (r response) media(contentType string) (content, error) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return content{}, fmt.Errorf("read Content-Type %q: %w", contentType, err)
	}

	c, ok := r.content[mediaType]
	if !ok {
		return content{}, fmt.Errorf("the Content-Type is %q, which the document does not have", contentType)
	}

	return c, nil
}

// part is the response with bodies that are some bytes of what the schemas describe.
func (r response) part() response {
	parts := map[string]content{}
	for mediaType := range r.content {
		parts[mediaType] = content{}
	}
	return response{headers: r.headers, content: parts}
}

// anyDetail is the response with problems of any text.
func (r response) anyDetail() response {
	loose := map[string]content{}
	for mediaType, c := range r.content {
		loose[mediaType] = content{schema: c.schema}
	}
	return response{headers: r.headers, content: loose}
}

// sometimes are the headers that a response may lack.
var sometimes = []string{"Last-Modified", "Vary", "Deprecation", "Ignored-Parameters", "Preference-Applied"}

// head checks headers. The document requires none, because proxies drop some; here
// there are no proxies, and only some are not in every response that has them.
func (r response) head(h http.Header) error {
	for name, want := range r.headers {
		values := h.Values(name)
		if len(values) == 0 {
			if !slices.Contains(sometimes, name) {
				return fmt.Errorf("the header %s is missing", name)
			}
			continue
		}

		value := strings.Join(values, ", ")
		err := want.Validate(value)
		if number, notJSON := jsonschema.UnmarshalJSON(strings.NewReader(value)); notJSON == nil &&
			want.Validate(number) == nil {
			err = nil // headers are text, whatever their schema
		}

		if err != nil {
			return fmt.Errorf("the header %s is %q: %w", name, value, err)
		}
	}
	return nil
}
