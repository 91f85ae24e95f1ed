package blazartest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// recording is an answer of a real Blazar, with the request for it. Ours in
// testdata have made-up values and the form of real ones.
type recording struct {
	Request struct{ Method, Path, As string }
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

// others are where recorded answers of real Blazars lie, if they are there.
const others = "../../../../shared/contract/blazar"

// unasked are answers that nothing here asks for.
var unasked = []string{"leases-member.json"}

// The stand-in answers as real Blazars have: what a test here finds out about our
// client is then true of them.
func TestAnswersOfRealBlazars(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/real/*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d answers in testdata, %v", len(files), err)
	}

	recorded, err := filepath.Glob(others + "/*.json")
	if err != nil {
		t.Fatal(err)
	}

	if len(recorded) == 0 {
		t.Logf("there are no recorded answers in %s: only our copies of their form are compared", others)
	}

	for _, file := range append(files, recorded...) {
		if slices.Contains(unasked, filepath.Base(file)) {
			continue
		}
		name := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, read(t, file), strings.HasPrefix(filepath.Base(file), "upstream-"))
		})
	}
}

func read(t *testing.T, file string) (r recording) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%s: %v", file, err)
	}

	return r
}

// compare sets a stand-in up to know what the recorded Blazar knew, and asks it
// the same.
func compare(t *testing.T, r recording, upstream bool) {
	t.Helper()
	keystone := blazartest.NewKeystone(t)
	address := keystone.URL

	if r.Status == http.StatusServiceUnavailable {
		address = "http://127.0.0.1:1/v3" // nobody is there
	}

	server := blazartest.Start(t, address)
	server.Set(known(t, r, upstream))
	path := strings.TrimPrefix(r.Request.Path, "/v1/")

	switch said := string(r.Body); {
	case r.Status == http.StatusForbidden:
		rule, _, _ := strings.Cut(said[strings.Index(said, "blazar:"):], " ")
		server.Fail(path, blazartest.Forbidden(rule))
	case strings.Contains(said, "INTERNAL_SERVER_ERROR"):
		server.Fail(path, blazartest.InternalError)
	}

	target := r.Request.Path
	if parts := strings.Split(target, "/"); len(parts) > 3 && len(parts[3]) == 36 {
		parts[3] = number(0)
		target = strings.Join(parts, "/")
	}

	req, err := http.NewRequest(r.Request.Method, strings.TrimSuffix(server.URL, "/v1")+target,
		strings.NewReader(`{"reservations":[{"min":30,"max":30}]}`))
	if err != nil {
		t.Fatal(err)
	}

	if r.Request.As != "nobody" {
		req.Header.Set("X-Auth-Token", token(t, keystone))
	}
	if r.Headers["Content-Type"] != "text/plain" {
		req.Header.Set("Accept", "application/json")
	}
	if r.Status == http.StatusNotAcceptable {
		req.Header.Set("OpenStack-API-Version", "reservation 2.0")
	}

	resp, err := http.DefaultTransport.RoundTrip(req) // adds no Accept
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	if resp.StatusCode != r.Status {
		t.Errorf("status %d, want %d", resp.StatusCode, r.Status)
	}

	compareHeaders(t, resp.Header, r.Headers)
	if int64(len(body)) != resp.ContentLength {
		t.Errorf("Content-Length is %d, of %d bytes", resp.ContentLength, len(body))
	}

	compareBodies(t, body, r.Body)
}

// token is one that Keystone gives out.
func token(t *testing.T, k *blazartest.Keystone) string {
	t.Helper()
	ask := fmt.Sprintf(`{"auth":{"identity":{"application_credential":{"id":"%s","secret":"%s"}}}}`,
		blazartest.Credential, blazartest.Secret)
	resp, err := http.Post(k.URL+"/auth/tokens", "application/json", strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	return resp.Header.Get("X-Subject-Token")
}

// known is what a Blazar knows that gives an answer.
func known(t *testing.T, r recording, upstream bool) blazartest.Data {
	t.Helper()
	d := blazartest.Data{Upstream: upstream, NoFlavorInstances: true}
	if r.Request.As == "admin" {
		d.Role = blazartest.Admin
	}
	if date, err := http.ParseTime(r.Headers["Date"]); err == nil {
		d.Now = func() time.Time { return date }
	}

	var said struct {
		Hosts       []blazartest.Row
		Host        blazartest.Row
		Allocations []allocation
		Allocation  allocation
	}
	if json.Unmarshal(r.Body, &said) != nil {
		return d // a text, or an error
	}

	if said.Host != nil {
		said.Hosts = append(said.Hosts, said.Host)
	}
	if said.Allocation.ID != "" {
		said.Allocations = append(said.Allocations, said.Allocation)
	}

	for i, h := range said.Hosts {
		h["id"] = number(i)
		d.Hosts = append(d.Hosts, h)
	}

	for i, a := range said.Allocations {
		d.Hosts = append(d.Hosts, blazartest.Host(number(i), a.ID))
		for j, one := range a.Reservations {
			lease := blazartest.Lease{ID: one.Lease, Reservation: number(j), Name: one.Name, Status: one.Status,
				Hosts: []any{number(i)}}
			lease.Start, lease.End = parse(t, one.Start), parse(t, one.End)
			d.Leases = append(d.Leases, lease)
		}
	}

	return d
}

// number is an id. Those of recorded answers were made up, and are in no order.
func number(n int) string { return fmt.Sprintf("%08d-0000-4000-a000-000000000000", n) }

func parse(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.000000", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

type allocation struct {
	ID           string `json:"resource_id"`
	Reservations []struct {
		ID, Status string
		Lease      string `json:"lease_id"`
		Name       string `json:"lease_name"`
		Start      string `json:"start_date"`
		End        string `json:"end_date"`
	}
}

// compareHeaders holds the stand-in's against recorded ones: the same names, and
// the same values but for those that are different each time.
func compareHeaders(t *testing.T, got http.Header, want map[string]string) {
	t.Helper()
	for name := range got {
		if _, ok := want[name]; !ok && name != "Content-Length" {
			t.Errorf("there is a header %s: %s", name, got.Get(name))
		}
	}

	for name, value := range want {
		other := got.Get(name)
		switch name {
		case "Date":
		case "X-Openstack-Request-Id":
			if len(other) != len(value) || !strings.HasPrefix(other, "req-") {
				t.Errorf("%s: %q, want one as %q", name, other, value)
			}

		case "Www-Authenticate":
			if !strings.HasPrefix(other, `Keystone uri="http`) || !strings.HasSuffix(other, `/v3"`) {
				t.Errorf("%s: %q, want one as %q", name, other, value)
			}

		default:
			if other != value {
				t.Errorf("%s: %q, want %q", name, other, value)
			}
		}
	}
}

// compareBodies holds the stand-in's against a recorded one, in the same order.
func compareBodies(t *testing.T, got, want []byte) {
	t.Helper()
	var text string
	if json.Unmarshal(want, &text) == nil {
		first, _, _ := strings.Cut(text, "\n")
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if !strings.HasPrefix(string(got), first+"\n") ||
			!strings.HasSuffix(string(got), lines[len(lines)-1]+"\n") || len(got) < 3000 {
			t.Errorf("%d bytes: %.200s…", len(got), got)
		}
		return
	}

	if d := cmp.Diff(normal(t, want), normal(t, got)); d != "" {
		t.Error(d)
	}
}

// extra are members that operators have added to hosts. Blazar gives them in any
// order.
var extra = regexp.MustCompile(`^"(node_name|node_type|uid|Id|Disabled|Reservable|authorized_projects|[a-z]+\.[a-z]+)"$`)

// normal writes JSON with one member a line, what is different each time made the
// same.
func normal(t *testing.T, src []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, src, "", " "); err != nil {
		t.Fatalf("%v: %s", err, src)
	}

	var lines, extras []string
	for line := range strings.Lines(out.String()) {
		name, value, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ","), ": ")
		if extra.MatchString(name) {
			extras = append(extras, name+": "+value)
			continue
		}

		slices.Sort(extras)
		lines, extras = append(lines, extras...), nil

		switch strings.Trim(name, `"`) {
		case "project_id", "resource_id", "href":
			value = "…"
		case "id":
			if !strings.HasPrefix(value, `"v`) { // a version
				value = "…"
			}
		case "error_message":
			value, _, _ = strings.Cut(value, "with query")
		}

		lines = append(lines, name+": "+value)
	}

	return strings.Join(lines, "\n")
}
