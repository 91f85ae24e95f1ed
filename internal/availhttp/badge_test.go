package availhttp_test

import (
	"encoding/xml"
	"strings"
	"testing"
)

// TestBadge: a badge says how many of the nodes are free, whatever its label.
func TestBadge(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // n1 and m1 are free; n2 is reserved, n3 in maintenance, m2 not known
	for query, want := range map[string]string{
		"":                             "nodes: 2/5 free",
		"?site_id=a&label=Site+A":      "Site A: 1/3 free",
		"?node_id=n2&label=%3Cb%3E%26": "<b>&: 0/1 free",
		"?q=nothing":                   "nodes: 0/0 free",
	} {
		res := get(t, w, "/nodes/badge.svg"+query)
		var svg struct {
			Title string `xml:"title"`
		}
		if err := xml.Unmarshal(res.Body.Bytes(), &svg); err != nil || svg.Title != want {
			t.Errorf("%s: %q, want %q: %v", query, svg.Title, want, err)
		}
		if got := res.Header().Get("Content-Type"); got != "image/svg+xml" {
			t.Errorf("%s is %s", query, got)
		}
	}
	if res := get(t, w, "/nodes/badge.svg?label="+strings.Repeat("x", 61)); res.Code != 422 {
		t.Errorf("a long label: %d", res.Code)
	}
}
