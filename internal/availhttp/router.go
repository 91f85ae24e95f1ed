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

// newRouter routes what the program's operators ask, and the live routes. No two
// of their patterns are in each other's way; those of slices and versions are
// (/sites/versions, /sites/:site), so they are left to [Handler.fallback].
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

// methods returns those that a route has a handler for.
func methods(r *route.Route) []string {
	if r.Post {
		return []string{http.MethodGet, http.MethodHead, http.MethodPost}
	}
	return []string{http.MethodGet, http.MethodHead}
}

// routeHandle makes a route's handler one of the router's.
func (h *Handler) routeHandle(id route.ID) httprouter.Handle {
	do, ok := h.handlers[id]
	if !ok {
		panic("availhttp: nothing answers the route " + id.String()) // every test makes all routes
	}
	return func(w http.ResponseWriter, r *http.Request, params httprouter.Params) {
		args := make([]string, len(params))
		for i, p := range params {
			// To the table, /sites/versions/availability is a version.
			if p.Value == route.VersionsSegment {
				h.fallback(w, r, route.WithoutSuffix(r.URL.Path))
				return
			}
			args[i] = p.Value
		}

		h.respond(w, r, id, args, do)
	}
}

// ServeHTTP implements [http.Handler]. The router is asked with the path without
// its suffix; the request, and with it the log, keeps what the client wrote.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := route.WithoutSuffix(r.URL.Path)
	if handle, params, _ := h.router.Lookup(r.Method, path); handle != nil {
		handle(w, r, params)
		return
	}
	h.fallback(w, r, path)
}

// fallback answers a path, without suffix, by the table's own matching.
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
		a.headers = append(a.headers, [2]string{"Allow", route.Methods(path)})

	case ok:
		a = problem(api.NotFound(id.Get()))
	default:
		a = problem(api.NotFound(route.Root.Get()))
	}

	h.respond(w, r, 0, nil, func(*http.Request, []string, time.Time) answer { return a })
}

// maxQuery is the longest query that is read, in bytes.
const maxQuery = 8 << 10

// respond sends what a handler answers, unless the request is refused before,
// and counts and logs it. The id is 0 where no route answers.
func (h *Handler) respond(w http.ResponseWriter, r *http.Request, id route.ID, args []string, do handler) {
	now := h.opts.Now()
	requestID := h.setCommonHeaders(w, r)

	var a answer
	switch {
	case len(r.URL.RawQuery) > maxQuery:
		a = problem(api.URITooLong)
	case route.IsRefused(r.URL):
		a = problem(api.NotFound(route.Root.Get()))
	case id != 0 && h.opts.Release() == nil:
		a = problem(api.LiveUnavailable)
	default:
		a = h.callRecovering(r, id, args, now, do)
	}

	if a.status >= http.StatusInternalServerError {
		requestID = ensureRequestID(w, requestID)
	}

	status, size := a.write(w, r, now, h.values)
	h.observe(r, id, requestID, status, size, h.opts.Now().Sub(now))
}

// preflight answers OPTIONS, of CORS or not.
func preflight(path string) answer {
	a := answer{status: http.StatusNoContent}
	for _, h := range route.PreflightHeaders(path) {
		a.headers = append(a.headers, [2]string{h.Name, h.Value})
	}
	return a
}
