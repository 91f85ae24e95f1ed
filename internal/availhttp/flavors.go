package availhttp

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
)

const (
	// releaseTTL is how long responses may be cached that only a new release changes.
	releaseTTL = time.Minute
	// defaultWindow is the length of a window whose end is not given.
	defaultWindow = 30 * 24 * time.Hour
)

// flavorsFailed responds to a failed request to a site, with Retry-After if the site or
// the rate limit gives one.
func flavorsFailed(err error) answer {
	a := problem(api.Problem{Status: http.StatusBadGateway, Detail: route.FlavorsFailed})
	if e, ok := errors.AsType[*availability.Error](err); ok && e.RetryAfter > 0 {
		seconds := int((e.RetryAfter + time.Second - 1) / time.Second)
		a.headers = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	}
	return a
}

// flavor responds with how many instances of a flavor can be reserved.
func (h *Handler) flavor(_ *view, r *http.Request, args []string, now time.Time) answer {
	values, faults := readQuery(route.FlavorAvailability.Get().Query, r.URL.RawQuery)
	start := values.Time("start_date", now)
	end := values.Time("end_date", now.Add(defaultWindow))
	if faults == nil && !start.Before(end) {
		faults = append(faults, values.Fault("end_date", "the end must be after the start"))
	}

	if faults != nil {
		return validationError(faults...)
	}

	site, name := args[0], args[1]
	if h.opts.Flavors == nil {
		return notFound(route.FlavorsNotAsked)
	}

	found, err := h.opts.Flavors.Flavor(r.Context(), site, name,
		availability.Interval{Start: availability.At(start), End: availability.At(end)})
	switch {
	case errors.Is(err, availability.ErrNoFlavorSource):
		return notFound(route.FlavorsNotAsked)
	case errors.Is(err, availability.ErrNoFlavor):
		return notFound(route.FlavorNotFound)
	case errors.Is(err, availability.ErrUnsupported):
		return problem(api.Problem{Status: http.StatusServiceUnavailable, Detail: route.FlavorsUnsupported})
	case err != nil:
		return flavorsFailed(err)
	}

	body := api.FlavorAvailability{FlavorID: name, SiteID: site}
	for _, s := range found.Segments {
		body.Availability = append(body.Availability, api.FlavorSegment{
			Start:     api.NewLocalTime(s.Start.Std()),
			End:       api.NewLocalTime(s.End.Std()),
			Available: s.Available,
			Total:     s.Total,
		})
	}

	a := okJSON(body)
	a.lastModified, a.until = found.Requested, availability.At(found.Expires)
	return a
}

// Bounds of a request for the flavors of all sites: a site is asked about each of its flavors,
// and has to stay free for those who ask about one.
const (
	maxListedFlavors = 50              // of a site that it is asked about
	listedCalls      = 4               // at once
	listedEvery      = 2 * time.Minute // requests within it share what they are told
	listedErrorTTL   = 10 * time.Second
	listedWindow     = time.Hour
)

// listFlavors responds with how many instances of each flavor can be reserved now. Sites are
// asked at once; what one does not tell is null.
func (h *Handler) listFlavors(v *view, r *http.Request, _ []string, now time.Time) answer {
	values, faults := readQuery(route.FlavorsAvailability.Get().Query, r.URL.RawQuery)
	if faults != nil {
		return validationError(faults...)
	}

	body := api.FreeFlavorList{Demonstration: h.isDemonstration(), Items: []api.FreeFlavor{}}
	wanted := values.Texts("site_id")
	flavors := v.release.Flavors()
	found := findFlavors(flavors, values.Text("q"))
	var bySite [][]api.FreeFlavor
	for i, f := range flavors {
		if wanted != nil && !slices.Contains(wanted, f.Site) || found != nil && !found.Has(i) {
			continue
		}
		last := len(bySite) - 1
		if last < 0 || bySite[last][0].SiteID != f.Site {
			bySite, last = append(bySite, nil), last+1
		}
		bySite[last] = append(bySite[last], api.FreeFlavor{FlavorID: f.UID, SiteID: f.Site})
	}

	var mu sync.Mutex
	until := availability.At(now.Add(listedEvery))
	var all sync.WaitGroup
	for _, rows := range bySite {
		all.Go(func() {
			expires := h.askFlavors(r.Context(), rows[:min(len(rows), maxListedFlavors)], now)
			mu.Lock()
			defer mu.Unlock()
			until = min(until, expires)
		})
	}
	all.Wait()

	body.Items = append(body.Items, slices.Concat(bySite...)...)
	body.Total = len(body.Items)
	a := okJSON(body)
	a.until = until
	return a
}

// findFlavors returns the flavors that have all words of a search, nil for a search without
// words.
func findFlavors(flavors []release.Flavor, search string) hardware.NodeSet {
	words := hardware.SplitWords(search)
	if len(words) == 0 {
		return nil
	}
	return hardware.NewWords(func(yield func([]string) bool) {
		for _, f := range flavors {
			if !yield(f.Texts) {
				return
			}
		}
	}).Find(words)
}

// askFlavors fills in the flavors of a site, until it fails. It returns until when the numbers
// may be kept.
func (h *Handler) askFlavors(ctx context.Context, rows []api.FreeFlavor, now time.Time) (until availability.Time) {
	until = availability.At(now.Add(listedEvery))
	if h.opts.Flavors == nil {
		return until
	}

	start := now.Truncate(listedEvery)
	window := availability.Interval{Start: availability.At(start), End: availability.At(start.Add(listedWindow))}
	var mu sync.Mutex
	next, failed := 0, false
	take := func() (row *api.FreeFlavor) {
		mu.Lock()
		defer mu.Unlock()
		if !failed && next < len(rows) {
			row = &rows[next]
			next++
		}
		return row
	}

	var workers sync.WaitGroup
	for range listedCalls {
		workers.Go(func() {
			for row := take(); row != nil; row = take() {
				found, err := h.opts.Flavors.Flavor(ctx, row.SiteID, row.FlavorID, window)
				mu.Lock()
				switch {
				case err == nil:
					until = min(until, availability.At(found.Expires))
					row.Available, row.Total = instancesAt(found.Segments, availability.At(now))
				case errors.Is(err, availability.ErrNoFlavor): // the others may be there
				case errors.Is(err, availability.ErrNoFlavorSource), errors.Is(err, availability.ErrUnsupported):
					failed = true
				default:
					failed = true
					until = min(until, availability.At(now.Add(listedErrorTTL)))
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return until
}

// instancesAt returns how many instances can be reserved at a time, of how many; nil if no
// segment says so.
func instancesAt(segments []availability.Segment, at availability.Time) (available, total *int) {
	for _, s := range segments {
		if s.Start <= at && at < s.End {
			return &s.Available, &s.Total
		}
	}
	return nil, nil
}
