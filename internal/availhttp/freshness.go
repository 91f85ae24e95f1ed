package availhttp

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// nextSync is when a site's data may change next; now if its sync is overdue.
func (h *Handler) nextSync(site string, now time.Time) time.Time {
	status, ok := h.opts.Monitor.Status(site)
	if !ok || status.NextAttempt.Before(now) {
		return now
	}
	return status.NextAttempt
}

// nextSyncOfAny is when the data of any site may change next.
func (h *Handler) nextSyncOfAny(now time.Time) time.Time {
	next := now.Add(h.opts.Monitor.Schedule().PollInterval)
	for _, site := range h.opts.Monitor.Sites() {
		if at := h.nextSync(site, now); at.Before(next) {
			next = at
		}
	}
	return next
}

// stale reports whether a site's data is missing or too old.
func (h *Handler) stale(s *availability.Snapshot, now time.Time) bool {
	return s == nil || s.Stale(now, h.opts.Monitor.Schedule().PollInterval)
}

// beforeStale shortens the lifetime of a response with a member "stale" to when that
// member changes.
func (h *Handler) beforeStale(until time.Time, s *availability.Snapshot, now time.Time) time.Time {
	change := s.StaleChanges(now, h.opts.Monitor.Schedule().PollInterval)
	if !change.IsZero() && change.Before(until) {
		return change
	}
	return until
}

// untilSync shortens the time for which clients may cache a response to the next sync.
func (h *Handler) untilSync(a answer, now time.Time) answer {
	if next := h.nextSyncOfAny(now); next.Before(a.until) {
		a.until = next
	}
	return a
}

// lastModified is when the data of a view last changed.
func (v *view) lastModified() time.Time {
	latest := v.release.Live
	for _, status := range v.sites {
		if s := status.Snapshot; s != nil && s.Synced.After(latest) {
			latest = s.Synced
		}
	}
	return latest
}

// earlier is the earlier of a time and an instant.
func earlier(t time.Time, i availability.Time) time.Time {
	if i < availability.At(t) {
		return i.Std()
	}
	return t
}
