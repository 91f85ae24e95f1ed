package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// handler responds to a request for a route from a view. args are the values of the
// route's path parameters.
type handler func(v *view, r *http.Request, args []string, now time.Time) answer

// routeHandlers returns the handlers of all routes that nginx passes to availapi: live
// ones, slices of collections, and versions without a file.
func (h *Handler) routeHandlers() map[route.ID]handler {
	handlers := map[route.ID]handler{
		route.ServedVersion:       servedVersion,
		route.Search:              checked(route.Search, h.untilSync(cached(h.search))),
		route.SearchTable:         h.searchTable(route.SearchTable, writeCSV),
		route.SearchLines:         h.searchTable(route.SearchLines, writeLines),
		route.SearchMarkdown:      h.searchTable(route.SearchMarkdown, writeMarkdown),
		route.Slots:               checked(route.Slots, h.untilSync(cached(h.slots))),
		route.NodesAvailability:   checked(route.NodesAvailability, h.untilSync(cached(h.nodes))),
		route.Capacity:            checked(route.Capacity, h.untilSync(cached(h.capacity))),
		route.Availability:        h.overview,
		route.SiteAvailability:    h.site,
		route.ClusterAvailability: h.cluster,
		route.NodeAvailability:    h.node,
		route.FlavorAvailability:  h.flavor,
		route.FlavorsAvailability: cached(h.listFlavors),
	}
	handlers[route.Badge] = checked(route.Badge, h.untilSync(cached(h.badge)))
	for id, list := range map[route.ID]lister{
		route.SlotsAtom:        decoded(h.slots, listSlots),
		route.SlotsFeed:        decoded(h.slots, listSlots),
		route.SlotsCalendar:    decoded(h.slots, listSlots),
		route.CapacityAtom:     decoded(h.capacity, listCapacity),
		route.CapacityFeed:     decoded(h.capacity, listCapacity),
		route.CapacityCalendar: decoded(h.capacity, listCapacity),
		route.NodesCalendar:    h.listNodes,
	} {
		handlers[id] = checked(id, h.untilSync(cached(h.feed(id, list))))
	}
	for id, r := range route.All() {
		switch {
		case r.Sliced():
			handlers[id] = cached(func(v *view, r *http.Request, args []string, now time.Time) answer {
				return h.slice(v, r, id, args, now)
			})
		case r.Representation == route.Version:
			handlers[id] = func(v *view, _ *http.Request, args []string, _ time.Time) answer {
				return h.version(v, id, args)
			}
		}
	}

	return handlers
}

// servedVersion responds with the commit that is served, and since when.
func servedVersion(v *view, _ *http.Request, _ []string, now time.Time) answer {
	live := v.release
	a := okJSON(api.ServedVersion{
		Version:     live.Links.Version,
		Timestamp:   live.Timestamp,
		GeneratedAt: api.NewTime(live.Live),
		Generator:   live.Generator,
		Links:       live.Links.SelfAndParent(route.ServedVersion),
	})

	a.lastModified, a.until = live.Live, availability.At(now.Add(releaseTTL))
	return a
}

// version redirects from a version without a file to the version that it means.
func (h *Handler) version(v *view, id route.ID, args []string) answer {
	to, ok, err := v.release.Version(id, args...)
	switch {
	case err != nil:
		return h.unreadable(err)
	case !ok:
		return notFound(route.VersionNotFound)
	}

	return answer{status: http.StatusTemporaryRedirect, headers: http.Header{"Location": {to}}}
}

// unreadable responds where a file of the release is needed that cannot be read.
func (h *Handler) unreadable(err error) answer {
	h.opts.Log.Error("cannot read a file of the release", "error", err)
	return problem(api.LiveUnavailable)
}

// slice responds with a part of a collection.
func (h *Handler) slice(v *view, r *http.Request, id route.ID, args []string, now time.Time) answer {
	values, faults := readQuery(route.SliceParams(), r.URL.RawQuery)
	if faults != nil {
		return validationError(faults...)
	}

	c, ok, err := v.release.Collection(id, args...)
	switch {
	case err != nil:
		return h.unreadable(err)
	case !ok:
		return problem(api.NotFound(id.Get()))
	}

	c.Offset = values.Int("offset")
	c.Items = c.Items[min(c.Offset, len(c.Items)):]
	if values.Has("limit") {
		c.Items = c.Items[:min(values.Int("limit"), len(c.Items))]
	}

	a := okJSON(c)
	a.lastModified, a.until = v.release.Live, availability.At(now.Add(releaseTTL))
	return a
}
