package availhttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// discard is a client that has gone.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func BenchmarkNode(b *testing.B) {
	w := newWorld(b)
	r := httptest.NewRequest(http.MethodGet, "/sites/a/clusters/c/nodes/n2/availability", nil)
	b.ReportAllocs()
	for b.Loop() {
		w.ServeHTTP(&discard{http.Header{}}, r)
	}
}
