package openapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
)

// What is published must accept what may be added later: members, links and states.
func TestDocumentAcceptsAdditions(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document(openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}

	for id, e := range examples(sampleFiles(t, build.Options{})) {
		var body any
		if err := json.Unmarshal(e.Body, &body); err != nil {
			t.Fatal(err)
		}
		later, err := json.Marshal(withAdditions(body))
		if err != nil || bytes.Equal(later, e.Body) {
			t.Fatalf("%s: nothing was added: %v", id, err)
		}

		request := httptest.NewRequest(http.MethodGet, id.Path(e.Args...), nil)
		route, params, err := router.FindRoute(request)
		if err != nil {
			t.Fatal(err)
		}

		input := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: route, PathParams: params},
			Status:                 http.StatusOK,
			Header: http.Header{"Content-Type": {id.Get().MediaType()}, "Etag": {`"1-2"`}, "Cache-Control": {"no-cache"},
				"Link": {`</openapi.json>; rel="service-desc", </docs>; rel="service-doc"`}},
		}
		input.SetBodyBytes(later)
		if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// withAdditions adds a member to each object and a link to each list of links, and
// gives nodes a state that does not exist yet.
func withAdditions(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = withAdditions(member)
		}
		if links, ok := v["links"].([]any); ok {
			v["links"] = append(links, map[string]any{"rel": "later", "href": "/later"})
		}
		if _, ok := v["availability"].(string); ok {
			v["availability"] = "later"
		}
		v["later"] = []any{1, "x"}
	case []any:
		for i := range v {
			v[i] = withAdditions(v[i])
		}
	}
	return value
}
