package availhttp

import (
	"net/http"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// handle answers a request at a route. Its arguments are the values of the
// route's parameters.
type handle func(r *http.Request, args []string, now time.Time) answer

// mux finds the route of a request. httprouter does not take a text beside a
// parameter, as in /sites/versions and /sites/:site: a route goes into the
// first of several routers, of those for paths with as many slashes, that has
// nothing against it. Routes come with texts before parameters, so the first
// router that knows a path is right.
type mux struct {
	h       *Handler
	routers [][]*httprouter.Router // by the number of slashes
	ops     map[string]http.HandlerFunc
}

// found is what a router is asked for.
type found struct {
	id     route.ID
	handle handle
}

// lookup carries the route out of a router.
type lookup struct {
	http.ResponseWriter
	found found
}

// routes registers every route of the table that is answered live.
func (h *Handler) routes() *mux {
	m := &mux{h: h, ops: h.operations()}
	for id, r := range route.Ordered() {
		var do handle
		switch {
		case r.Kind == route.Live:
			do = h.live(id)
		case r.Sliced():
			do = func(req *http.Request, args []string, now time.Time) answer { return h.slice(req, id, args, now) }
		case r.Form == route.Version:
			do = func(_ *http.Request, args []string, _ time.Time) answer { return h.version(id, args) }
		default:
			continue
		}
		m.add(id, r, do)
	}
	return m
}

// live chooses what answers a route of its own kind.
func (h *Handler) live(id route.ID) handle {
	switch id {
	case route.ServedVersion:
		return h.servedVersion
	case route.Search:
		return h.search
	case route.Slots:
		return h.slots
	case route.NodesAvailability:
		return h.nodes
	case route.Availability:
		return h.overview
	case route.SiteAvailability:
		return h.site
	case route.ClusterAvailability:
		return h.cluster
	case route.NodeAvailability:
		return h.node
	case route.FlavorAvailability:
		return h.flavor
	}
	panic("availhttp: nothing answers the route " + id.String()) // a test makes all routes
}

// add registers a route for the methods that it takes.
func (m *mux) add(id route.ID, r *route.Route, do handle) {
	pattern := strings.NewReplacer("{", ":", "}", "").Replace(r.Pattern)
	methods := []string{http.MethodGet, http.MethodHead}
	if r.Post {
		methods = append(methods, http.MethodPost)
	}
	depth := strings.Count(pattern, "/")
	for len(m.routers) <= depth {
		m.routers = append(m.routers, nil)
	}
	for _, router := range m.routers[depth] {
		if takes(router, methods, pattern, found{id, do}) {
			return
		}
	}
	router := &httprouter.Router{}
	takes(router, methods, pattern, found{id, do}) // it has nothing in the way
	m.routers[depth] = append(m.routers[depth], router)
}

// takes registers a route, if the router has no other in its place.
func takes(router *httprouter.Router, methods []string, pattern string, f found) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	for _, method := range methods {
		router.Handle(method, pattern, func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
			w.(*lookup).found = f
		})
	}
	return true
}

// find returns the route of a path, and the values of its parameters.
func (m *mux) find(method, path string) (f found, args []string, ok bool) {
	depth := strings.Count(path, "/")
	if depth >= len(m.routers) {
		return found{}, nil, false
	}
	for _, router := range m.routers[depth] {
		carry, params, _ := router.Lookup(method, path)
		if carry == nil {
			continue
		}
		var l lookup
		carry(&l, nil, nil)
		args = make([]string, len(params))
		for i, p := range params {
			args[i] = p.Value
		}
		return l.found, args, true
	}
	return found{}, nil, false
}

// maxQuery is the longest query that is read, in bytes.
const maxQuery = 8 << 10

// serve answers a request.
func (m *mux) serve(w http.ResponseWriter, r *http.Request) {
	if op, ok := m.ops[r.URL.Path]; ok {
		op(w, r)
		return
	}
	now := m.h.o.Now()
	name := m.h.begin(w, r)
	path := route.WithoutSuffix(r.URL.Path)
	f, args, ok := m.find(r.Method, path)
	var a answer
	switch {
	case len(r.URL.RawQuery) > maxQuery:
		a = problem(api.URITooLong)
	case route.IsRefused(r.URL):
		a = problem(api.NotFound(route.Root.Get()))
	case ok:
		a = m.h.answer(f, r, args, now)
	case r.Method == http.MethodOptions:
		a = m.preflight(path)
	default:
		a = m.missing(r.Method, path)
	}
	if a.status >= http.StatusInternalServerError {
		name = fault(w, name)
	}
	status, size := a.write(w, r, now, m.h.values)
	m.h.done(r, f.id, name, status, size, m.h.o.Now().Sub(now))
}

// preflight answers OPTIONS, of CORS or not.
func (m *mux) preflight(path string) answer {
	a := answer{status: http.StatusNoContent}
	for _, h := range route.PreflightHeaders(path) {
		a.headers = append(a.headers, [2]string{h.Name, h.Value})
	}
	return a
}

// missing answers what no route takes.
func (m *mux) missing(method, path string) answer {
	if method != http.MethodGet && method != http.MethodHead {
		a := problem(api.MethodNotAllowed)
		a.headers = append(a.headers, [2]string{"Allow", route.Methods(path)})
		return a
	}
	if id, _, ok := route.Match(path); ok {
		return problem(api.NotFound(id.Get()))
	}
	return problem(api.NotFound(route.Root.Get()))
}
