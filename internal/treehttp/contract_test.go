package treehttp_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/samejson"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// captured is an answer of the Python service that this project replaces.
type captured struct {
	Path   string          `json:"path"`
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

const capturedFile = "../../../shared/contract/responses.ndjson.gz"

func readCaptured(t *testing.T) []captured {
	t.Helper()
	f, err := os.Open(capturedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}

	var rows []captured
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 64<<20)

	for lines.Scan() {
		var c captured
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, c)
	}

	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}

	return rows
}

// Every static answer of the old service is ours too, through real nginx, but
// for the differences that the contract lists.
func TestContract(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	s := treetest.Publish(t, repo, build.Options{})
	rows := readCaptured(t)
	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compared := map[string]int{}
			for _, row := range rows {
				kind, want := expected(t, row)
				compared[kind]++
				if kind == live {
					continue
				}
				if err := same(to.Address, row.Path, want); err != nil {
					t.Errorf("%s (%s): %v", row.Path, kind, err)
				}
			}

			t.Log(compared)

			// 994 rows: what is not compared is the live half's.
			if compared[equal] < 730 || compared[live] > 245 {
				t.Errorf("compared %v: too few", compared)
			}
		})
	}
}

// answer is what is wanted of an address.
type answer struct {
	status   int
	detail   string // of a problem
	body     []byte
	location string
	anyOrder bool // items are the same, but sorted
}

// The kinds of captured answers.
const (
	live          = "live"
	equal         = "equal"
	equalError    = "equal error"
	slash         = "trailing slash"
	missingParent = "1: a parent that does not exist"
	newVersions   = "3: versions of collections exist"
	sorted        = "4: collections are sorted"
)

var (
	liveRows = regexp.MustCompile(`^/nodes/search|/availability$`)
	part     = regexp.MustCompile(`(^|&)(offset|limit)=`)
)

// expected says what we answer where the old service gave a captured answer:
// the same, or what the contract's list of deliberate differences has.
func expected(t *testing.T, row captured) (kind string, want answer) {
	t.Helper()
	p, query, _ := strings.Cut(row.Path, "?")
	id, args, isRoute := route.Match(strings.TrimSuffix(p, ".json"))

	switch {
	case liveRows.MatchString(p):
		return live, want
	case isRoute && id.Get().Sliced() && part.MatchString(query):
		return live, want
	case row.Status == http.StatusTemporaryRedirect:
		return slash, answer{status: http.StatusPermanentRedirect, location: strings.TrimSuffix(p, "/")}
	case isRoute && slices.Contains([]route.ID{route.SitesVersion, route.ClustersVersion, route.FlavorsVersion}, id):
		if last := args[len(args)-1]; last == "versions" || last == "nodes" {
			return missingParent, answer{status: 404, detail: route.VersionNotFound}
		}
		if id == route.ClustersVersion {
			return newVersions, answer{status: 200}
		}
		// The site has no flavors and never had: it takes the live half to say so.
		return newVersions, answer{status: http.StatusServiceUnavailable, detail: api.LiveUnavailable.Detail}

	case row.Status == 200 && noSuchParent(p):
		return missingParent, answer{status: 404, detail: id.Get().NotFoundDetail}
	case row.Status == 200 && (id == route.Sites || id == route.Nodes):
		return sorted, answer{status: 200, body: row.Body, anyOrder: true}
	case row.Status != 200:
		var problem struct{ Detail string }
		if err := json.Unmarshal(row.Body, &problem); err != nil {
			t.Fatalf("%s: %v", row.Path, err)
		}
		return equalError, answer{status: row.Status, detail: problem.Detail}
	}

	return equal, answer{status: 200, body: row.Body}
}

// noSuchParent knows the captured addresses whose parent does not exist.
func noSuchParent(p string) bool {
	return regexp.MustCompile(`^/sites/(edge|kvm)/clusters/chameleon/(nodes|versions)$|^/sites/kvm/flavors/m1\.large/versions$`).MatchString(p)
}

// same asks a server and compares.
func same(address, target string, want answer) error {
	client := &http.Client{CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}

	res, err := client.Get("http://" + address + target)
	if err != nil {
		return err
	}
	defer res.Body.Close()

	body, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode != want.status:
		return fmt.Errorf("status %d, want %d", res.StatusCode, want.status)
	case want.location != "":
		if got := res.Header.Get("Location"); got != want.location {
			return fmt.Errorf("leads to %q, want %q", got, want.location)
		}
		return nil

	case want.detail != "":
		var problem struct{ Detail string }
		if err := json.Unmarshal(body, &problem); err != nil || problem.Detail != want.detail {
			return fmt.Errorf("detail %q, want %q (%v)", problem.Detail, want.detail, err)
		}
		return nil

	case want.body == nil:
		return nil
	}

	if got := res.Header.Get("Content-Type"); got != "application/json" {
		return fmt.Errorf("Content-Type %q", got)
	}

	if want.anyOrder {
		if want.body, err = sortItems(want.body); err != nil {
			return err
		}
	}

	if diff := samejson.Diff(body, want.body); diff != "" {
		return fmt.Errorf("differs %s", diff)
	}

	return nil
}

// sortItems sorts a collection as ours are.
func sortItems(collection []byte) ([]byte, error) {
	var c struct {
		Total   int               `json:"total"`
		Offset  int               `json:"offset"`
		Items   []json.RawMessage `json:"items"`
		Version string            `json:"version"`
		Links   json.RawMessage   `json:"links"`
	}
	if err := json.Unmarshal(collection, &c); err != nil {
		return nil, err
	}

	uid := func(item json.RawMessage) string {
		var v struct{ UID string }
		_ = json.Unmarshal(item, &v) // an item without uid sorts first, and differs
		return v.UID
	}

	slices.SortFunc(c.Items, func(a, b json.RawMessage) int { return strings.Compare(uid(a), uid(b)) })
	return json.Marshal(c)
}
