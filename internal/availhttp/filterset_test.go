package availhttp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
)

// A body that the schema refuses gets a 422 that says what is wrong, where (with the
// index in a list), and with which value; other media types get a 415.
func TestFilterSetFaults(t *testing.T) {
	t.Parallel()
	const object, array, text = "Input should be an object", "Input should be an array", "Input should be a string"
	h := newWorld(t)
	for body, want := range map[string]api.Fault{
		`null`:                   {Type: api.TypeError, Loc: []string{"body"}, Msg: "Input should not be null", Input: "null"},
		`[]`:                     {Type: api.TypeError, Loc: []string{"body"}, Msg: object, Input: "[]"},
		`{"filter_set":null}`:    {Type: api.TypeError, Loc: []string{"body", "filter_set"}, Msg: "Input should not be null", Input: "null"},
		`{"filter_set":{"a":1}}`: {Type: api.TypeError, Loc: []string{"body", "filter_set"}, Msg: array, Input: `{"a":1}`},
		`{"filter_set":[{},7]}`:  {Type: api.TypeError, Loc: []string{"body", "filter_set", "1"}, Msg: object, Input: "7"},
		`{"filter_set":[{"racks":["1",2]}]}`: {Type: api.TypeError,
			Loc: []string{"body", "filter_set", "0", "racks", "1"}, Msg: text, Input: "2"},
		`{"filter_set":[{},{"labels":{"a/b~c":[]}}]}`: {Type: api.TypeError,
			Loc: []string{"body", "filter_set", "1", "labels", "a/b~c"}, Msg: text, Input: "[]"},
		`{"filter_set":[{},{"nope":[1]}]}`: {Type: api.ExtraForbidden,
			Loc: []string{"body", "filter_set", "1", "nope"}, Msg: "Extra inputs are not permitted", Input: "[1]"},
		`{"filter_set":[{},{"filter_type":"xor"}]}`: {Type: api.Enum,
			Loc: []string{"body", "filter_set", "1", "filter_type"}, Msg: "Input should be 'intersection' or 'union'", Input: "xor"},
	} {
		w := post(h, "application/json; charset=utf-8", body)
		var got api.ValidationError
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusUnprocessableEntity || len(got.Detail) != 1 {
			t.Errorf("%s: %d: %s", body, w.Code, w.Body)
			continue
		}

		got.Detail[0].Ctx = nil
		if diff := cmp.Diff(want, got.Detail[0]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}

	for _, body := range []string{``, ` `, `{`, `{} {}`, `{"filter_set":[],"filter_set":[]}`, "\xff"} {
		w := post(h, "application/json", body)
		if !strings.HasPrefix(w.Body.String(), `{"detail":[{"type":"json_invalid","loc":["body"],"msg":"JSON decode error: `) {
			t.Errorf("%q: %d: %s", body, w.Code, w.Body)
		}
	}

	for contentType, want := range map[string]int{
		"": 200, "application/json": 200, "Application/JSON;charset=UTF-8": 200,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "application/": 415, "application/merge-patch+json": 415,
	} {
		if w := post(h, contentType, `{}`); w.Code != want {
			t.Errorf("%q: %d, want %d: %s", contentType, w.Code, want, w.Body)
		}
	}
}

// post sends a search.
func post(h http.Handler, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/nodes/search", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Whatever the body of a search is, the answer is one that the OpenAPI document
// describes, and what is found are nodes.
func FuzzFilterSet(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `null`, `[]`, `3`, `"x"`, `{"filter_set":[]}`, `{"filter_set":null}`, `{"filter_set":[null]}`, `{"filter_set":[{}]}`, `{} {}`, `{"filter":1}`,
		`{"filter_set_type":"union","filter_set":[{"filter_type":"union","node_names":["one"],"node_types":["gpu"],"racks":["2"],"labels":{"placement.rack":"2","":""}}]}`,
		`{"filter_set":[{"labels":{"storage_devices.media_type":"SSD"}}]}`, `{"filter_set":[{"labels":{"a":1}}]}`, `{"filter_set":[{"node_names":"one"}]}`,
		`{"filter_set_type":1}`, `{"filter_set_type":"both"}`, `{"FILTER_SET":[{"RACKS":["r1"]}]}`, "{\"filter_set\":[{\"node_names\":[\"\xff\\ud800\"]}]}",
		strings.Repeat(`{"filter_set":[`, 200), `{"filter_set":[{"labels":{".":"","a..b":"x","gpu.":"true"}}]}`,
	} {
		f.Add(body, "")
	}

	f.Add(`{}`, "fields=uid,,x&sort=-ram&limit=2")
	h := newWorld(f)
	v, err := openapitest.New(openapi.Document(openapi.Options{}))
	if err != nil {
		f.Fatal(err)
	}

	f.Fuzz(func(t *testing.T, body, query string) {
		r := httptest.NewRequest(http.MethodPost, "/nodes/search", strings.NewReader(body))
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)

		if err := v.Response(http.MethodPost, "/nodes/search", w.Code, w.Header(), w.Body.Bytes()); err != nil &&
			query == "" {
			t.Errorf("%q: %v\n%s", body, err, w.Body)
		}

		if w.Code != http.StatusOK {
			return
		}

		var found struct {
			Total int
			Items []json.RawMessage
		}
		if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil || found.Total > 5 ||
			len(found.Items) > found.Total {
			t.Errorf("%q: %v: %s", body, err, w.Body)
		}
	})
}
