package faulttest

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"testing"
)

// Only a file that releases share may be there before its release, whatever is answered
// without it: for a version that has no file, that is 503, since availapi is asked.
func TestReader(t *testing.T) {
	t.Parallel()
	version, page := Request{"/sites/versions/1.json", "gzip"}, Request{"/sites.json", "gzip"}
	answer := func(status int, body string) Answer { return Answer{Status: status, Body: sha256.Sum256([]byte(body))} }
	ok := answer(http.StatusOK, "next")
	r := &Reader{
		shared: map[string]bool{version.Path: true},
		answers: map[string]map[Request]Answer{
			"old": {version: answer(http.StatusServiceUnavailable, ""), page: answer(http.StatusNotFound, "")},
			"new": {version: ok, page: ok},
		},
	}

	for _, tt := range []struct {
		name string
		q    Request
		got  Answer
		loss bool
	}{
		{"as the release says", version, r.answers["old"][version], false},
		{"a shared file of the next one", version, ok, false},
		{"a shared file with other bytes", version, answer(http.StatusOK, "half"), true},
		{"another file of the next one", page, ok, true},
		{"another error", version, answer(http.StatusNotFound, ""), true},
	} {
		if err := r.judge("old", tt.q, tt.got); (err != nil) != tt.loss {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if asked, ahead := r.Asked.Load(), r.Ahead.Load(); asked != 5 || ahead != 1 {
		t.Errorf("%d answers, %d ahead", asked, ahead)
	}
}

// Faults are spread over all operations, and the first is not the only one.
func TestChoose(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		most, operations int
		want             []int
	}{{0, 3, []int{0, 1, 2}}, {1, 9, []int{4}}, {2, 8, []int{2, 6}}, {5, 2, []int{0, 1}}, {2, 0, nil}} {
		got := Options{Most: tt.most}.choose(tt.operations)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d of %d: %v, want %v", tt.most, tt.operations, got, tt.want)
		}
	}
}
