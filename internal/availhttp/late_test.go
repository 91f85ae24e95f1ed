package availhttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A site that does not answer makes no search dearer: what was found before is
// remembered on, but no client may keep it. The test is not parallel, because it
// counts allocations.
func TestLateSite(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodGet, "/nodes/search", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	cost := func() float64 {
		return testing.AllocsPerRun(50, func() { w.ServeHTTP(&discard{header: http.Header{}}, r) })
	}

	next := func(at time.Time) {
		w.board.mu.Lock()
		defer w.board.mu.Unlock()
		status := w.board.status["b"]
		status.NextAttempt = at
		w.board.status["b"] = status
	}

	next(noon.Add(-time.Second))
	cost()
	late := cost()
	next(noon.Add(time.Minute))
	cost()
	inTime := cost()
	next(noon.Add(-time.Second))

	if late > inTime+2 {
		t.Errorf("a search takes %.0f allocations with a late site, %.0f without", late, inTime)
	}

	res := httptest.NewRecorder()
	w.ServeHTTP(res, r)

	if got, want := res.Header().Get("Cache-Control"), "public, max-age=0"; got != want {
		t.Errorf("Cache-Control is %q, want %q", got, want)
	}

	// What is remembered ends with the first reservation that does.
	at := noon.Add(3 * time.Hour)
	w.now.Store(&at)
	after := httptest.NewRecorder()
	w.ServeHTTP(after, r)

	if after.Header().Get("ETag") == res.Header().Get("ETag") {
		t.Error("an answer is remembered beyond the end of a reservation")
	}
}
