package treehttp_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// goodValue returns a value that a schema allows.
func goodValue(s *openapi3.Schema, r *rand.Rand) string {
	switch {
	case len(s.Enum) > 0:
		return fmt.Sprint(pick(r, s.Enum))
	case s.Type.Is("boolean"):
		return pick(r, []string{"true", "false", "1", "no"})
	case s.Type.Is("integer"):
		low := int64(0)
		if s.Min != nil {
			low = int64(*s.Min)
		}
		high := low + 300
		if s.Max != nil {
			high = min(high, int64(*s.Max))
		}
		return strconv.FormatInt(low+r.Int64N(high-low+1), 10)
	case s.Type.Is("number"):
		return pick(r, []string{"0.5", "1.5", "100"}) // those that we have must be more than 0
	case s.Format == "date-time":
		return time.Date(2030, 1, 1, 0, r.IntN(1e6), 0, 0, time.UTC).Format(time.RFC3339)
	}
	if s.Pattern != "" { // of a range
		return pick(r, []string{"64..128", "2..", "..400", "4", "1,8..16"})
	}
	return pick(r, []string{"a", "compute_skylake", "A100 dell", "größe", "north", "x_86"})
}

// badValue returns a value that a schema refuses; not every schema does.
func badValue(s *openapi3.Schema, r *rand.Rand) (value string, ok bool) {
	var all []string
	switch {
	case len(s.Enum) > 0:
		all = []string{"nope", "'"}
	case s.Type.Is("boolean"):
		all = []string{"maybe", "2"}
	case s.Type.Is("integer"), s.Type.Is("number"):
		all = []string{"x", "", "1.5.2", "--1"}
		if s.Min != nil {
			all = append(all, strconv.FormatInt(int64(*s.Min)-1, 10))
		}
		if s.Max != nil {
			all = append(all, strconv.FormatInt(int64(*s.Max)+1, 10))
		}
	case s.Pattern != "":
		all = []string{"lots", "..", "4-8", "-1.."}
	case s.Format == "date-time":
		all = []string{"yesterday", "2030-13-01T00:00:00Z", ""}
	}

	if s.MaxLength != nil {
		all = append(all, strings.Repeat("x", int(*s.MaxLength)+1))
	}
	if len(all) == 0 {
		return "", false
	}

	return pick(r, all), true
}

// bodies that are right, and bodies that the schema refuses.
func goodBody(r *rand.Rand) string {
	return pick(r, []string{
		`{}`, `{"filter_set":[]}`, `{"filter_set_type":"union","filter_set":[{"racks":["1"]},{"node_types":["compute_skylake"]}]}`,
		`{"filter_set":[{"filter_type":"union","labels":{"processor.vendor":"Intel"}}]}`,
	})
}

func badBody(r *rand.Rand) string {
	return pick(r, []string{
		``, `null`, `[]`, `"x"`, `1`, `{`, `{} {}`, `{"nope":1}`, `{"filter_set":null}`, `{"filter_set":{}}`,
		`{"filter_set":[null]}`, `{"filter_set":[{"racks":"1"}]}`, `{"filter_set":[{"racks":[1]}]}`,
		`{"filter_set":[{},{"nope":[]}]}`, `{"filter_set_type":"xor"}`, `{"filter_set":[{"filter_type":1}]}`,
		`{"filter_set":[{"labels":{"a":null}}]}`, `{"filter_set":[{"labels":[]}]}`,
		`{"filter_set":[` + strings.Repeat(`{},`, 100) + `{}]}`,
	})
}

// drawn is a request, and what must come of it.
type drawn struct {
	*http.Request
	operation string
	query     string
	allowed   bool // by every schema, and too simple to break a rule of several parameters
	refused   bool // by a schema of the query or of the body
}

// drawer draws requests from a document.
type drawer struct {
	*asker
	document *openapi3.T
	paths    []string
	args     map[route.ID][][]string // of what there is, by route
}

// arguments returns names in a path: mostly of something that there is.
func (d *drawer) arguments(id route.ID, names []string) (args []string, exist bool) {
	known := d.args[id]
	for of, r := range route.All() { // whose availability, if this is an availability
		if r.Pattern+"/availability" == id.Get().Pattern {
			known = d.args[of]
		}
	}

	if len(known) > 0 && !d.in(5) {
		return pick(d.Rand, known), true
	}
	for range names {
		args = append(args, pick(d.Rand, d.words))
	}

	return args, len(names) == 0
}

func (d *drawer) draw(t *testing.T) drawn {
	t.Helper()
	path := pick(d.Rand, d.paths)
	methods := d.document.Paths.Map()[path].Operations()
	method := pick(d.Rand, slices.Sorted(maps.Keys(methods)))
	op := methods[method]
	id := routeOfPattern(t, path)

	args, exist := d.arguments(id, id.Get().Params())
	target := id.Path(args...)
	if id.Get().Suffix() && d.in(8) {
		target = strings.TrimSuffix(target, "/") + "/.json"
		target = strings.Replace(target, "/.json", ".json", 1)
		if path == "/" {
			target = "/.json"
		}
	}

	q := drawn{operation: op.OperationID, allowed: exist}
	query := url.Values{}
	optional := 0
	for _, ref := range op.Parameters {
		p := ref.Value
		if p.In != "query" || !p.Required && !d.in(9) {
			continue
		}
		optional++
		if p.Required {
			optional--
		} else if strings.HasPrefix(p.Name, "start") || strings.HasPrefix(p.Name, "end") || p.Name == "sort" || p.Name == "strict" {
			optional++ // there are rules in words
		}

		query.Set(p.Name, goodValue(p.Schema.Value, d.Rand))
		if bad, ok := badValue(p.Schema.Value, d.Rand); ok && d.in(6) {
			query.Set(p.Name, bad)
			q.refused = true
		}
	}

	q.allowed = q.allowed && optional <= 1
	if d.in(10) {
		query.Set("utm_source", "x")
	}

	var body io.Reader
	if op.RequestBody != nil {
		text := goodBody(d.Rand)
		if d.in(3) {
			text = badBody(d.Rand)
			q.refused = true
		}
		body = strings.NewReader(text)
	}

	if len(query) > 0 {
		target += "?" + query.Encode()
	}

	switch {
	case d.in(12) && method == http.MethodGet:
		method = http.MethodHead
	case d.in(20):
		method = pick(d.Rand, []string{"PUT", "DELETE", "PATCH"})
		q.allowed, q.refused = false, false
	}

	req, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+target, body)
	if err != nil {
		t.Fatal(err)
	}
	// Sent again over another connection when the server has ended this one.
	req.Header["Idempotency-Key"] = nil
	if body != nil {
		req.Header.Set("Content-Type", pick(d.Rand, slices.Sorted(maps.Keys(op.RequestBody.Value.Content))))
		if d.in(3) {
			req.Header.Set("Content-Type", pick(d.Rand, []string{"text/plain", "application/x-www-form-urlencoded", "x"}))
			q.allowed, q.refused = false, true
		}
	}

	for _, line := range d.header() {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}

	q.Request, q.query = req, target
	return q
}

// routeOfPattern returns the route of a path of the document.
func routeOfPattern(t *testing.T, pattern string) route.ID {
	t.Helper()
	for id, r := range route.All() {
		if r.Pattern == pattern {
			return id
		}
	}
	t.Fatalf("no route has the path %s of the document", pattern)
	return 0
}

// conditional reports whether a status comes of other rules than those of parameters.
func conditional(status int) bool {
	return status == http.StatusNotModified || status == http.StatusPreconditionFailed ||
		status == http.StatusRequestedRangeNotSatisfiable
}

// check holds an answer against the document and against what was asked.
func (q drawn) check(status int) error {
	switch {
	case conditional(status) || status == http.StatusNotFound && !q.allowed:
		return nil
	case q.allowed && !q.refused && status >= 400:
		return fmt.Errorf("every schema allows the request, but the status is %d", status)
	case q.refused && status < 400:
		return fmt.Errorf("a schema refuses the request, but the status is %d", status)
	}
	return nil
}

// Whatever the document allows or refuses, both servers, with the live service behind
// them, answer as it says: statuses, headers, media types and bodies. -requests N asks
// more, -seed 0 asks others.
func TestServersKeepToTheDocument(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	v, err := openapitest.New(openapi.Document(openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	live := treetest.Live(t, s, treetest.Simulated(t, s))

	for name, to := range servers(t, s, live, nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := get(t, to.Address, "/openapi.json", http.Header{"Accept-Encoding": {"identity"}}).body
			doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
			if err != nil {
				t.Fatal(err)
			}

			d := newDrawer(t, s, to.Address, doc)
			askAll(t, d, to.Address, v)
		})
	}
}

func newDrawer(t *testing.T, s treetest.Site, address string, doc *openapi3.T) *drawer {
	t.Helper()
	seed := *randomSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)

	d := &drawer{asker: newAsker(t, seed, s, address), document: doc, args: map[route.ID][][]string{}}
	d.paths = slices.Sorted(maps.Keys(doc.Paths.Map()))
	for _, file := range releaseFiles(t, s.Dir) {
		for _, a := range addresses(file)[:min(1, len(addresses(file)))] { // without the suffix
			path, err := url.PathUnescape(a)
			if id, args, ok := route.Match(path); ok && err == nil {
				d.args[id] = append(d.args[id], args)
			}
		}
	}

	return d
}

func askAll(t *testing.T, d *drawer, address string, v *openapitest.Validator) {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	seen := map[int]int{}
	succeeded := map[string]bool{}
	wrong := 0

	for range *randomRequests {
		q := d.draw(t)
		q.URL.Host = address
		res, err := client.Do(q.Request)
		if err != nil {
			t.Fatal(err)
		}

		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}

		seen[res.StatusCode]++
		if res.StatusCode/100 == 2 || res.StatusCode == http.StatusPermanentRedirect {
			succeeded[q.operation] = true
		}

		body = unpack(t, res.Header.Get("Content-Encoding"), body)
		err = v.Response(q.Method, q.query, res.StatusCode, res.Header, body)
		if err == nil {
			err = q.check(res.StatusCode)
		}
		if err == nil {
			continue
		}

		t.Errorf("%s %s: %d: %v\n%.300s", q.Method, q.query, res.StatusCode, err, bytes.TrimSpace(body))
		if wrong++; wrong > 20 {
			t.Fatal("and more")
		}
	}

	t.Logf("%d requests, by status: %v", *randomRequests, seen)
	for _, status := range []int{200, 206, 304, 400, 404, 405, 412, 415, 416, 422} {
		if seen[status] == 0 && *randomRequests >= 3000 {
			t.Errorf("the document has the status %d, which no request got", status)
		}
	}
	for _, path := range d.paths {
		for _, op := range d.document.Paths.Map()[path].Operations() {
			if !succeeded[op.OperationID] {
				t.Errorf("no request for %s succeeded", op.OperationID)
			}
		}
	}
}
