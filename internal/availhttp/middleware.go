package availhttp

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// RequestIDHeader names a request, in the logs of nginx and in ours.
const RequestIDHeader = "X-Request-Id"

// begin sets the headers that every answer has, and returns the request's name,
// "" for one that has none yet.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) (name string) {
	header := w.Header()
	for _, c := range h.values.common {
		header[c.name] = c.values
	}
	if h.o.Demonstration {
		header[DemonstrationHeader] = []string{"1"}
	}
	if names := r.Header[RequestIDHeader]; len(names) > 0 && isRequestID(names[0]) {
		header[RequestIDHeader] = names[:1]
		return names[0]
	}
	return ""
}

// fault names a request that has gone wrong, so that it can be found in the log.
func fault(w http.ResponseWriter, name string) string {
	if name == "" {
		name = rand.Text()
		w.Header()[RequestIDHeader] = []string{name}
	}
	return name
}

// done counts a request and logs it: at debug level, or one that has failed.
func (h *Handler) done(r *http.Request, id route.ID, name string, status, size int, took time.Duration) {
	h.o.Metrics.observeRequest(id, status, took)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if h.o.Log.Enabled(r.Context(), level) {
		h.o.Log.Log(r.Context(), level, "request", "request_id", name, "method", r.Method, "path", r.URL.Path, "query", r.URL.RawQuery,
			"status", status, "bytes", size, "took", took)
	}
}

// isRequestID reports whether a name may stand in a log and in a header.
func isRequestID(name string) bool {
	if name == "" || len(name) > 128 {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// safely asks a route's handler; a panic becomes an error of ours.
func (h *Handler) safely(f found, r *http.Request, args []string, now time.Time) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			h.o.Log.Error("a handler has panicked", "route", f.id.String(), "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			a = problem(api.InternalError)
		}
	}()
	return f.handle(r, args, now)
}
