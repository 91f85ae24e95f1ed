package availhttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What has no effect is named; a client that asks for strict handling is refused.
func TestStrictHandling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct {
		target, prefer   string
		ignored, applied string
		status           int
		body             []string // parts of it
	}{
		{target: "/nodes/search?nodetype=gpu&node_type=gpu", status: 200, ignored: `"nodetype"`, body: []string{`"total":1,`}},
		{target: "/nodes/search?b=1&a%22=2&%E2%82%AC=3&=4", status: 200, ignored: `"a\"", "b", ""`},
		{target: "/nodes/search?node_type=gpu", status: 200},
		{target: "/nodes/search?node_type=gpux", status: 200, body: []string{`"total":0,`}},
		{target: "/nodes/search?node_type=gpu&strict=true", status: 200},
		{target: "/nodes/search?node_type=gpu", prefer: "handling=strict", status: 200, applied: "handling=strict"},
		{target: "/nodes/search?node_type=gpu", prefer: `respond-async, Handling="strict"; x=1`, status: 200, applied: "handling=strict"},
		{target: "/nodes/search?x=1", prefer: "handling=lenient, handling=strict", status: 200, ignored: `"x"`},
		{target: "/nodes/search?x=1&strict=false", status: 200, ignored: `"x"`},
		{target: "/nodes/search?nodetype=gpu&strict=1", status: 422, body: []string{
			`{"type":"extra_forbidden","loc":["query","nodetype"],"msg":"Extra inputs are not permitted: did you mean node_type?"`}},
		{target: "/nodes/search?node_type=gpux,compute&rack=r9&surprise=1", prefer: "handling=strict", status: 422, body: []string{
			`"loc":["query","surprise"],"msg":"Extra inputs are not permitted","input":"surprise"`,
			`"loc":["query","node_type"],"msg":"Value error, no node has this value: did you mean gpu?","input":"gpux"`,
			`"loc":["query","rack"],"msg":"Value error, no node has this value: did you mean r1?","input":"r9"`}},
		{target: "/nodes/search?strict=true&limit=0&x=1", status: 422, body: []string{`["query","x"]`, `["query","limit"]`}},
		{target: "/nodes/slots?gpumodel=a100&strict=true", status: 422, body: []string{`did you mean gpu_model?`}},
		{target: "/nodes/availability?nodes=1", status: 200, ignored: `"nodes"`},
	} {
		// Twice: the second answer may be one that was kept.
		for range 2 {
			r := httptest.NewRequest(http.MethodGet, test.target, nil)
			if test.prefer != "" {
				r.Header.Set("Prefer", test.prefer)
			}
			res := httptest.NewRecorder()
			w.ServeHTTP(res, r)

			h := res.Header()
			if res.Code != test.status || h.Get("Ignored-Parameters") != test.ignored || h.Get("Preference-Applied") != test.applied {
				t.Errorf("%s, Prefer %q: %d, %v", test.target, test.prefer, res.Code, h)
			}
			if res.Code == 200 && h.Get("Vary") != "Accept-Encoding, Prefer" {
				t.Errorf("%s: Vary %q", test.target, h.Get("Vary"))
			}
			for _, part := range test.body {
				if !strings.Contains(res.Body.String(), part) {
					t.Errorf("%s: %s has no %s", test.target, res.Body, part)
				}
			}
		}
	}

	// Servers in front bound the length of headers.
	long := strings.Repeat("&"+strings.Repeat("x", 90), 50)
	var query strings.Builder
	for i, name := range strings.Split(long, "&")[1:] {
		query.WriteString("&" + name[i:])
	}
	res := get(t, w, "/nodes/search?"+query.String())
	if got := res.Header().Get("Ignored-Parameters"); len(got) > 1<<10 || !strings.HasPrefix(got, `"x`) {
		t.Errorf("the names of 50 parameters: %d bytes", len(got))
	}
}
