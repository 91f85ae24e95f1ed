package availhttp

import (
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// cached returns a handler that keeps the responses of another in the view, until they
// may change. A sync replaces the view, and the cache with it.
func cached(do handler) handler {
	return func(v *view, r *http.Request, args []string, now time.Time) answer {
		key := r.URL.Path + "?" + r.URL.RawQuery
		if r.Method != http.MethodPost {
			if a, ok := v.answers.Get(key, now); ok {
				return a
			}
		}

		a := do(v, r, args, now)
		if a.until != 0 && a.stream == nil {
			// Twice the body: its compressed form, which is shorter, may be added.
			v.answers.Put(key, a, 2*len(a.content.body)+len(key), a.until.Std())
		}

		return a
	}
}

// untilSync returns a handler whose responses clients may cache until the next sync at
// most.
func (h *Handler) untilSync(do handler) handler {
	return func(v *view, r *http.Request, args []string, now time.Time) answer {
		a := do(v, r, args, now)
		if a.until != 0 {
			a.until = min(a.until, h.nextSyncOfAny(now))
		}
		return a
	}
}

// nextSync is when a site's data may change next; now if its sync is overdue.
func (h *Handler) nextSync(site string, now time.Time) availability.Time {
	next := availability.At(now)
	if status, ok := h.opts.Monitor.Status(site); ok {
		next = max(next, availability.At(status.NextAttempt))
	}
	return next
}

// nextSyncOfAny is when the data of any site may change next.
func (h *Handler) nextSyncOfAny(now time.Time) availability.Time {
	next := availability.At(now.Add(h.pollInterval()))
	for _, site := range h.opts.Monitor.Sites() {
		next = min(next, h.nextSync(site, now))
	}
	return next
}

func (h *Handler) pollInterval() time.Duration { return h.opts.Monitor.Schedule().PollInterval }
