package availhttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// agenda is what the tests look at in an answer about several nodes.
type agenda struct {
	Total, Offset int
	Sites         []struct {
		Site   string `json:"site_id"`
		Synced string `json:"last_synced"`
		Stale  bool
	}
	Items []struct {
		Node         string `json:"node_id"`
		Reservations []struct{ Start, End string }
	}
}

// nodes are the uids of the items.
func (a agenda) nodes() string {
	var all []string
	for _, item := range a.Items {
		all = append(all, item.Node)
	}
	return strings.Join(all, " ")
}

func TestNodesAvailability(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"node_type=compute&site_id=b": `{"total":2,"offset":0,"sites":[{"site_id":"b","last_synced":"2026-01-01T11:56:00Z","stale":true}],"items":[` +
			`{"node_id":"m1","node_name":"four","node_type":"compute","site_id":"b","cluster_id":"c","availability":"available","availability_until":null,"free_from":null,"leased_by":"node","kept_for_projects":false,"maintenance":false,"reservations":[]},` +
			`{"node_id":"m2","node_name":"five","node_type":"compute","site_id":"b","cluster_id":"c","availability":"unknown","availability_until":null,"free_from":null,"leased_by":"node","kept_for_projects":false,"maintenance":false,"reservations":[]}]}`,
		"node_id=n2": `{"total":1,"offset":0,"sites":[{"site_id":"a","last_synced":"2026-01-01T11:59:00Z","stale":false}],"items":[` +
			`{"node_id":"n2","node_name":"two","node_type":"gpu","site_id":"a","cluster_id":"c","availability":"reserved","availability_until":"2026-01-01T15:00:00Z","free_from":"2026-01-01T15:00:00Z","leased_by":"node","kept_for_projects":false,"maintenance":false,` +
			`"reservations":[{"start":"2026-01-01T11:00:00Z","end":"2026-01-01T15:00:00Z"}]}]}`,
		"reservations=false&infiniband=true": `{"total":1,"offset":0,"sites":[{"site_id":"a","last_synced":"2026-01-01T11:59:00Z","stale":false}],"items":[` +
			`{"node_id":"n3","node_name":"three","node_type":"compute","site_id":"a","cluster_id":"c","availability":"maintenance","availability_until":null,"free_from":null,"leased_by":"node","kept_for_projects":false,"maintenance":true}]}`,
		"cluster_id=nope": `{"total":0,"offset":0,"sites":[],"items":[]}`,
	} {
		if res := get(t, w, "/nodes/availability?"+query); res.Body.String() != want || res.Code != 200 {
			t.Errorf("%s: %d\n got %s\nwant %s", query, res.Code, res.Body, want)
		}
	}

	for query, want := range map[string]string{
		"":                              "n1 n2 n3 m1 m2",
		"cluster_id=c":                  "n1 n2 n3 m1 m2",
		"site_id=a&cluster_id=c":        "n1 n2 n3",
		"node_type=compute":             "n1 n3 m1 m2",
		"q=a100":                        "n2",
		"limit=2&offset=1":              "n2 n3",
		"limit=2&offset=9":              "",
		"reservations=false&limit=9999": "n1 n2 n3 m1 m2",
	} {
		var got agenda
		res := get(t, w, "/nodes/availability?"+query)
		unmarshal(t, res.Body.Bytes(), &got)
		if got.nodes() != want || res.Code != 200 {
			t.Errorf("%s: %d, %q, want %q", query, res.Code, got.nodes(), want)
		}
	}
}

func TestNodesAvailabilityRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"limit=501":                      "limit: Value error, at most 500 items have reservations",
		"limit=10001&reservations=false": "limit: Input should be less than or equal to 10000",
		"limit=0":                        "limit: Input should be greater than 0",
		"offset=-1":                      "offset: Input should be greater than or equal to 0",
		"reservations=maybe":             "reservations: Input should be a valid boolean, unable to interpret input",
	} {
		res := get(t, w, "/nodes/availability?"+query)
		var got struct {
			Detail []struct {
				Loc []string
				Msg string
			}
		}

		unmarshal(t, res.Body.Bytes(), &got)
		if res.Code != 422 || len(got.Detail) != 1 || got.Detail[0].Loc[1]+": "+got.Detail[0].Msg != want {
			t.Errorf("%s: %d, %s, want %s", query, res.Code, res.Body, want)
		}
	}
}

// Answers are kept until the next sync or until something in them changes, and
// are known by their ETags.
func TestNodesAvailabilityIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const target = "/nodes/availability?node_id=n1"
	first := get(t, w, target)
	etag := first.Header().Get("ETag")
	if cache := first.Header().Get("Cache-Control"); etag == "" || !strings.HasPrefix(cache, "public, max-age=") {
		t.Errorf("the headers are %v", first.Header())
	}

	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("If-None-Match", etag)
	res := httptest.NewRecorder()
	w.ServeHTTP(res, r)

	if res.Code != http.StatusNotModified {
		t.Errorf("with its ETag the answer is %d", res.Code)
	}

	// At two the reservation begins.
	at := noon.Add(2 * time.Hour)
	w.now.Store(&at)

	if second := get(t, w, target); second.Header().Get("ETag") == etag ||
		second.Body.String() == first.Body.String() {
		t.Errorf("when a reservation begins the answer stays %s", second.Body)
	}
}
