package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Another reader must find nothing wrong with the document, find the same
// operations in it, and accept the same bodies.
func TestKinOpenAPI(t *testing.T) {
	t.Parallel()
	bodies := examples(sampleFiles(t, build.Options{}))
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document(openapi.Options{Examples: bodies}))
	if err != nil {
		t.Fatal(err)
	}

	if !doc.IsOpenAPI31OrLater() {
		t.Error("the document is not read as OpenAPI 3.1")
	}

	// For a 3.1 document this includes the examples, by JSON Schema 2020-12.
	if err := doc.Validate(t.Context(), openapi3.EnableSchemaFormatValidation(),
		openapi3.EnableMultiError()); err != nil {
		t.Fatal(err)
	}

	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}

	for id, r := range route.All() {
		e, ok := bodies[id]
		if !ok {
			continue
		}

		request := httptest.NewRequest(http.MethodGet, id.Path(e.Args...), nil)
		found, params, err := router.FindRoute(request)
		if err != nil {
			t.Errorf("%s: %v", request.URL, err)
			continue
		}

		if found.Path != r.Pattern {
			t.Errorf("%s is taken for %s", request.URL, found.Path)
		}

		input := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: found,
				PathParams: params},
			Status: http.StatusOK,
			Header: http.Header{"Content-Type": {r.MediaType()}, "Etag": {`"1-2"`}, "Cache-Control": {"no-cache"},
				"Link": {`</openapi.json>; rel="service-desc", </docs>; rel="service-doc"`}},
			Options: &openapi3filter.Options{IncludeResponseStatus: true},
		}

		input.SetBodyBytes(e.Body)
		if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
			t.Errorf("%s: %v", request.URL, err)
		}
	}
}

// A validator that accepts everything proves nothing.
func TestKinOpenAPIChecksExamples(t *testing.T) {
	t.Parallel()
	wrong := openapi.Examples{route.Site: {Args: []string{"uc"}, Body: []byte(`{"uid":"uc"}`)}}
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document(openapi.Options{Examples: wrong}))
	if err != nil {
		t.Fatal(err)
	}

	if doc.Validate(t.Context()) == nil {
		t.Error("an example that is wrong is accepted")
	}
}
