package availhttp

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
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
