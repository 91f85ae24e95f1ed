package availhttp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
)

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
