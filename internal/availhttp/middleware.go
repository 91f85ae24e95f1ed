package availhttp

import (
	"crypto/rand"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// RequestIDHeader identifies a request in the logs of nginx and of availapi.
const RequestIDHeader = "X-Request-Id"

// setCommonHeaders sets the headers of every response, and returns the request's id, ""
// if it has none.
func (h *Handler) setCommonHeaders(w http.ResponseWriter, r *http.Request) (requestID string) {
	header := w.Header()
	maps.Copy(header, h.values.common)

	if h.isDemonstration() {
		header[DemonstrationHeader] = []string{"1"}
	}

	if ids := r.Header[RequestIDHeader]; len(ids) > 0 && isRequestID(ids[0]) {
		header[RequestIDHeader] = ids[:1]
		return ids[0]
	}

	return ""
}

// ensureRequestID returns the id of a failed request, or a new one if it has none, so
// that it can be found in the log.
func ensureRequestID(w http.ResponseWriter, requestID string) string {
	if requestID == "" {
		requestID = rand.Text()
		w.Header()[RequestIDHeader] = []string{requestID}
	}
	return requestID
}

// deprecate sets the headers of a response to a request that uses what is deprecated:
// those of the first in the table.
func (h *Handler) deprecate(header http.Header, used []*route.Deprecation) {
	if len(used) == 0 {
		return
	}
	v := h.currentView()
	if v == nil {
		return
	}
	for _, f := range used[0].Headers(route.BasePath(v.release.Links.Base)) {
		header.Set(f.Name, f.Value)
	}
}

// observe counts and logs a request, at debug level, or as a warning if it failed.
func (h *Handler) observe(r *http.Request, id route.ID, requestID string, status, size int, took time.Duration) {
	h.opts.Metrics.observeRequest(id, status, took)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}

	if h.opts.Log.Enabled(r.Context(), level) {
		h.opts.Log.Log(r.Context(), level, "request", "request_id", requestID, "method", r.Method,
			"path", r.URL.Path, "query", r.URL.RawQuery, "status", status, "bytes", size, "took", took)
	}
}

// isRequestID reports whether an id is safe in a log and in a header.
func isRequestID(id string) bool {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return id != "" && len(id) <= 128 && strings.Trim(id, safe) == ""
}

// call calls a handler with the current view. A panic is logged, and becomes a 500. The
// id is 0 for a request without a route, which needs no release.
func (h *Handler) call(r *http.Request, id route.ID, args []string, now time.Time, do handler) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			h.opts.Log.Error("handler panicked", "route", id.String(), "path", r.URL.Path,
				"panic", p, "stack", string(debug.Stack()))
			a = problem(api.InternalError)
		}
	}()

	v := h.currentView()
	if v == nil && id != 0 {
		return problem(api.LiveUnavailable)
	}
	return do(v, r, args, now)
}
