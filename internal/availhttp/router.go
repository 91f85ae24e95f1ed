package availhttp

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// newRouter routes the operators' paths and the live routes. httprouter permits no
// patterns that overlap, as those of slices and versions do (/sites/versions,
// /sites/:site), so these are left to [Handler.fallback].
func (h *Handler) newRouter() *httprouter.Router {
	router := &httprouter.Router{}
	for path, operation := range h.operations() {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			router.HandlerFunc(method, path, operation)
		}
	}

	pattern := strings.NewReplacer("{", ":", "}", "")
	for id, r := range route.All() {
		if !r.Live {
			continue
		}
		for _, method := range methods(r) {
			router.Handle(method, pattern.Replace(r.Pattern), h.routeHandle(id))
		}
	}

	return router
}

// methods returns the methods that a route handles.
func methods(r *route.Route) []string {
	if r.Post {
		return []string{http.MethodGet, http.MethodHead, http.MethodPost}
	}
	return []string{http.MethodGet, http.MethodHead}
}

// routeHandle adapts a route's handler to the router.
func (h *Handler) routeHandle(id route.ID) httprouter.Handle {
	do, ok := h.handlers[id]
	if !ok {
		panic("availhttp: no handler for route " + id.String()) // every test would find it
	}
	return func(w http.ResponseWriter, r *http.Request, params httprouter.Params) {
		args := make([]string, len(params))
		for i, p := range params {
			// The pattern matches /sites/versions/availability, but by the table of
			// routes that is a version.
			if p.Value == route.VersionsSegment {
				h.fallback(w, r, route.WithoutSuffix(r.URL.Path))
				return
			}
			args[i] = p.Value
		}

		h.respond(w, r, id, args, do)
	}
}

// ServeHTTP implements [http.Handler]. The path is looked up without its suffix; the
// request is not changed, so that the log has the original path.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := route.WithoutSuffix(r.URL.Path)
	if handle, params, _ := h.router.Lookup(r.Method, path); handle != nil {
		handle(w, r, params)
		return
	}
	h.fallback(w, r, path)
}

// fallback handles a path, without suffix, by the matching of package route.
func (h *Handler) fallback(w http.ResponseWriter, r *http.Request, path string) {
	id, args, ok := route.Match(path)
	if do := h.handlers[id]; do != nil && slices.Contains(methods(id.Get()), r.Method) {
		h.respond(w, r, id, args, do)
		return
	}

	var a answer
	switch {
	case r.Method == http.MethodOptions:
		a = preflight(path)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		a = problem(api.MethodNotAllowed)
		a.headers = http.Header{"Allow": {route.Methods(path)}}
	case ok:
		a = problem(api.NotFound(id.Get()))
	default:
		a = problem(api.NotFound(route.Root.Get()))
	}

	h.respond(w, r, 0, nil, func(*view, *http.Request, []string, time.Time) answer { return a })
}

// maxQuery bounds the length of a query, in bytes.
const maxQuery = 8 << 10

// respond calls a handler, unless the request must be refused, sends its response, and
// counts and logs the request. The id is 0 for a request without a route.
func (h *Handler) respond(w http.ResponseWriter, r *http.Request, id route.ID, args []string, do handler) {
	now := h.opts.Now()
	requestID := h.setCommonHeaders(w, r)

	var a answer
	switch {
	case len(r.URL.RawQuery) > maxQuery:
		a = problem(api.URITooLong)
	case route.IsRefused(r.URL):
		a = problem(api.NotFound(route.Root.Get()))
	default:
		a = h.call(r, id, args, now, do)
	}

	if a.status >= http.StatusInternalServerError {
		requestID = ensureRequestID(w, requestID)
	}

	used := route.DeprecatedUses(id, r.URL.RawQuery)
	h.deprecate(w.Header(), used)
	h.opts.Metrics.observeClient(r.UserAgent(), used)
	status, size := a.write(w, r, now, h.values)
	h.observe(r, id, requestID, status, size, h.opts.Now().Sub(now))
}

// preflight responds to OPTIONS, whether of CORS or not.
func preflight(path string) answer {
	a := answer{status: http.StatusNoContent, headers: http.Header{}}
	for _, h := range route.PreflightHeaders(path) {
		a.headers.Set(h.Name, h.Value)
	}
	return a
}
