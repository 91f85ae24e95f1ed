package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// site answers when a site was last asked.
func (h *Handler) site(_ *http.Request, args []string, now time.Time) answer {
	status, ok := h.o.Monitor.Status(args[0])
	if !ok || status.Snapshot == nil {
		return notSynced(route.SiteNotSynced)
	}
	s := status.Snapshot
	var b rawjson.Builder
	b.BeginObject()
	b.Key("site_id")
	b.String(args[0])
	b.Key("last_synced")
	b.Raw(jsonTime(s.Synced.UTC(), "+00:00"))
	b.Key("synced_node_count")
	b.Int(s.Rows)
	b.EndObject()
	a := okJSON(b.Bytes())
	a.lastModified, a.dated = s.Synced, true
	a.until = h.nextSync(args[0], now)
	return a
}

// overview answers how fresh each site's data is.
func (h *Handler) overview(_ *http.Request, _ []string, now time.Time) answer {
	view := h.currentView()
	counts := view.counts(availability.At(now))
	sites := h.o.Monitor.Sites()
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(len(sites))
	if h.isDemonstration() {
		b.Key("demonstration")
		b.Bool(true)
	}
	b.Key("items")
	b.BeginArray()
	var modified time.Time
	for _, site := range sites {
		status, _ := h.o.Monitor.Status(site)
		s := status.Snapshot
		if s != nil && s.Synced.After(modified) {
			modified = s.Synced
		}
		b.BeginObject()
		b.Key("site_id")
		b.String(site)
		b.Key("last_synced")
		b.Raw(syncedAt(s))
		b.Key("age_seconds")
		if s == nil || s.AgeUnknown(now) {
			b.Raw(nil)
		} else {
			b.Int(int(s.Age(now) / time.Second))
		}
		b.Key("stale")
		b.Bool(h.stale(s, now))
		b.Key("last_error")
		if status.LastError == "" {
			b.Raw(nil)
		} else {
			b.String(string(status.Reason))
		}
		b.Key("counts")
		b.BeginObject()
		for _, state := range countedStates {
			b.Key(string(state))
			b.Int(counts[site][state])
		}
		b.EndObject()
		b.EndObject()
	}
	b.EndArray()
	view.release.API.SelfAndParent(&b, route.Availability)
	b.EndObject()
	a := okJSON(b.Bytes())
	// The age changes each second.
	a.lastModified, a.until = modified, now.Add(time.Second)
	return a
}
