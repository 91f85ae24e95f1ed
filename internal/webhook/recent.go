package webhook

import "sync"

// maxRecent is how many notifications are remembered.
const maxRecent = 1024

// recent remembers the newest notifications.
type recent struct {
	mu    sync.Mutex
	known map[string]bool
	order []string // a ring, from next on the oldest first
	next  int
}

// add remembers an id, and reports whether it is new.
func (r *recent) add(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[id] {
		return false
	}

	if r.known == nil {
		r.known, r.order = map[string]bool{}, make([]string, maxRecent)
	}
	delete(r.known, r.order[r.next])
	r.known[id], r.order[r.next] = true, id
	r.next = (r.next + 1) % maxRecent
	return true
}
