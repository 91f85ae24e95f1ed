package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// site responds with when a site was last synced.
func (h *Handler) site(v *view, _ *http.Request, args []string, now time.Time) answer {
	s := v.snapshots[args[0]]
	if s == nil {
		return notSynced(route.SiteNotSynced)
	}

	a := okJSON(api.SiteAvailability{
		SiteID: args[0], LastSynced: api.NewOffsetTime(s.Synced), SyncedNodeCount: s.Rows,
	})

	a.lastModified, a.dated = s.Synced, true
	a.until = h.nextSync(args[0], now)
	return a
}

// overview responds with how recent each site's data is.
func (h *Handler) overview(v *view, _ *http.Request, _ []string, now time.Time) answer {
	counts := v.counts(availability.At(now))
	sites := h.opts.Monitor.Sites()
	body := api.TestbedAvailability{
		Total:         len(sites),
		Demonstration: h.isDemonstration(),
		Links:         v.release.Links.SelfAndParent(route.Availability),
	}

	var modified time.Time
	for _, site := range sites {
		status, _ := h.opts.Monitor.Status(site)
		s := status.Snapshot
		if s != nil && s.Synced.After(modified) {
			modified = s.Synced
		}

		item := api.SiteStatus{SiteID: site, LastSynced: syncedAt(s), Stale: s.Stale(now, h.pollInterval())}
		if s != nil && !s.AgeUnknown(now) {
			item.AgeSeconds = new(int(s.Age(now) / time.Second))
		}
		if status.LastError != "" {
			item.LastError = new(string(status.Reason))
		}

		n := counts[site]
		item.Counts = api.StateCounts{
			Available:   n[availability.Available],
			Reserved:    n[availability.Reserved],
			Maintenance: n[availability.Maintenance],
			Unknown:     n[availability.Unknown],
			ByFlavor:    n[byFlavor],
		}

		notices, _ := h.noticesOf(site, now)
		item.Notices = noticesBody(notices)
		body.Items = append(body.Items, item)
	}

	// age_seconds changes each second.
	a := okJSON(body)
	a.lastModified, a.until = modified, availability.At(now.Add(time.Second))
	return a
}
