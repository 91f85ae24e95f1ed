package availhttp

import (
	"net/http"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// handler responds to a request for a route. args are the values of the route's path
// parameters.
type handler func(r *http.Request, args []string, now time.Time) answer

// routeHandlers returns the handlers of all routes that nginx passes to availapi: live
// ones, slices of collections, and versions without a file.
func (h *Handler) routeHandlers() map[route.ID]handler {
	handlers := map[route.ID]handler{
		route.ServedVersion:       h.servedVersion,
		route.Search:              h.search,
		route.Slots:               h.slots,
		route.NodesAvailability:   h.nodes,
		route.Availability:        h.overview,
		route.SiteAvailability:    h.site,
		route.ClusterAvailability: h.cluster,
		route.NodeAvailability:    h.node,
		route.FlavorAvailability:  h.flavor,
	}
	for id, r := range route.All() {
		switch {
		case r.Sliced():
			handlers[id] = func(r *http.Request, args []string, now time.Time) answer {
				return h.slice(r, id, args, now)
			}
		case r.Representation == route.Version:
			handlers[id] = func(_ *http.Request, args []string, _ time.Time) answer { return h.version(id, args) }
		}
	}

	return handlers
}

// servedVersion responds with the commit that is served, and since when.
func (h *Handler) servedVersion(_ *http.Request, _ []string, now time.Time) answer {
	live := h.currentView().release
	a := okJSON(api.ServedVersion{
		Version:     live.Links.Version,
		Timestamp:   live.Timestamp,
		GeneratedAt: api.NewTime(live.Live),
		Generator:   live.Generator,
		Links:       live.Links.SelfAndParent(route.ServedVersion),
	})

	a.lastModified, a.until = live.Live, now.Add(releaseTTL)
	return a
}

// version redirects from a version without a file to the version that it means.
func (h *Handler) version(id route.ID, args []string) answer {
	to, ok := h.currentView().release.Version(id, args...)
	if !ok {
		return notFound(route.VersionNotFound)
	}
	return redirect(to)
}

// slice responds with a part of a collection.
func (h *Handler) slice(r *http.Request, id route.ID, args []string, now time.Time) answer {
	values, faults := readQuery(route.SliceParams(), r.URL.RawQuery)
	if faults != nil {
		return validationError(faults)
	}

	offset, limit, limited := values.Int("offset"), values.Int("limit"), values.Has("limit")
	view := h.currentView()
	key := id.Path(args...) + "?" + strconv.Itoa(offset)

	if limited {
		key += "," + strconv.Itoa(limit)
	}

	if a, ok := view.answers.Get(key, now); ok {
		return a
	}

	items, ok, err := view.release.Items(id, args...)
	switch {
	case err != nil:
		h.opts.Log.Error("cannot read a collection", "error", err)
		return problem(api.LiveUnavailable)
	case !ok:
		return problem(api.NotFound(id.Get()))
	}

	part := items[min(offset, len(items)):]
	if limited {
		part = part[:min(limit, len(part))]
	}

	a := okJSON(api.NewCollection(view.release.Links, id, part, len(items), offset, args...))
	a.lastModified, a.until = view.release.Live, now.Add(releaseTTL)
	view.keep(key, a)

	return a
}
