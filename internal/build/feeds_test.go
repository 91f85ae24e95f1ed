package build_test

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
)

// atom is a feed as RFC 4287 wants it.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Author  string `xml:"author>name"`
		Summary string `xml:"summary"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, base := range []string{"", "https://api.example.org/ref"} {
		got := files(t, changing, "merged", build.Options{Base: base})
		for p, summaries := range map[string][]string{
			"changes": {"flavor m1 added at s; 2 nodes changed at s",
				"flavor m1 removed at s; 2 nodes changed at s", "2 nodes of type gpu_<a100> added at s",
				"the testbed's own description added; site s added; flavor m1 added at s; cluster c added at s; 1 node added at s; 1 node of type compute added at s"},
			"sites/s/changes": {"flavor m1 added at s; 2 nodes changed at s",
				"flavor m1 removed at s; 2 nodes changed at s", "2 nodes of type gpu_<a100> added at s",
				"site s added; flavor m1 added at s; cluster c added at s; 1 node added at s; 1 node of type compute added at s"},
		} {
			var f atom
			in := xml.NewDecoder(bytes.NewReader(got[p+".atom"].Body))
			if err := in.Decode(&f); err != nil {
				t.Fatalf("%s: %v", p, err)
			}

			if !strings.HasPrefix(f.ID, "urn:uuid:") || f.Title == "" || f.Updated != "2025-01-06T12:00:00Z" ||
				len(f.Links) != 2 ||
				f.Links[0].Rel != "self" || f.Links[0].Href != base+"/"+p+".atom" {
				t.Errorf("%s is %+v", p, f)
			}

			if len(f.Entries) != len(summaries) { // the merge is left out
				t.Fatalf("%s has %d entries, want %d", p, len(f.Entries), len(summaries))
			}

			j := read[struct {
				Version string
				FeedURL string `json:"feed_url"`
				Items   []struct {
					ID, URL, Title string
					Text           string `json:"content_text"`
					Modified       string `json:"date_modified"`
				}
			}](t, got[p+".feed.json"].Body)
			if j.Version != "https://jsonfeed.org/version/1.1" || j.FeedURL != base+"/"+p+".feed.json" ||
				len(j.Items) != len(f.Entries) {
				t.Errorf("%s.feed.json is %+v", p, j)
			}

			for i, e := range f.Entries {
				u, err := url.Parse(e.ID)
				if base == "" && (err != nil || u.Scheme != "urn" || ids[e.ID]) {
					t.Errorf("%s: the id of entry %d is %q", p, i, e.ID)
				}

				ids[e.ID] = true
				if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Author == "" ||
					e.Summary != summaries[i] {
					t.Errorf("%s: entry %d is %+v, want %q", p, i, e, summaries[i])
				}

				if target := route.Target(base, e.Link.Href); got[target].Body == nil {
					t.Errorf("%s: entry %d leads to %s", p, i, e.Link.Href)
				}

				if o := j.Items[i]; o.ID != e.ID || o.URL != e.Link.Href || o.Title != e.Title ||
					o.Text != e.Summary || o.Modified != e.Updated {
					t.Errorf("%s: entry %d is %+v, and as JSON %+v", p, i, e, o)
				}
			}

			if e := f.Entries[2]; e.Title != "New <b>GPU</b> nodes & more" {
				t.Errorf("%s: the title is %q, of %q", p, e.Title, e.Author)
			}
		}
	}

	if len(ids) != 8 {
		t.Errorf("%d ids for 8 entries: they depend on the address", len(ids))
	}
}
