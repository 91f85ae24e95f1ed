package availability

import (
	"log/slog"
	"sync"
	"time"
)

// hourLength is the time between two counts.
const hourLength = Time(time.Hour / time.Microsecond)

// keptHours is how many hours are kept: a little more than a question may be for.
const keptHours = 100 * 24

// HourGrace is how long after a full hour a sync still tells what was free then: a
// reservation that ended in between may be gone from the report.
const HourGrace = 15 * time.Minute

// HourCount is how many nodes were free at a full hour, of how many.
type HourCount struct{ Free, All int32 }

// notCounted stands for an hour that nobody counted.
var notCounted = HourCount{-1, -1}

// Hourly has the numbers of free nodes, by site and type, at the full hours of the last
// hundred days. With a Store it keeps them on disk, one file a site, without a word about
// who reserved what. Two processes may share a directory: what the other one has stored
// is read before a file is replaced.
type Hourly struct {
	store *Store // nil stores nothing
	log   *slog.Logger

	mu         sync.Mutex
	sites      map[string]*siteHours
	saveFailed map[string]bool
}

// siteHours has the counts of a site. Hours that are not in it were not counted.
type siteHours struct {
	first Time // full hour
	hours int
	types map[string][]HourCount // as many as hours

	recorded Time // the last hour that this process has recorded
	doubtful Time // the hour that was not recorded since the clock may be wrong
}

// NewHourly returns an Hourly; each site's file is read when the site is first asked for.
func NewHourly(store *Store, log *slog.Logger) *Hourly {
	return &Hourly{store: store, log: log, sites: map[string]*siteHours{}, saveFailed: map[string]bool{}}
}

// maxGap is how long a pause may be after which an hour is recorded at once. Beyond, the
// clock may be wrong, and would push out all that is kept.
const maxGap = 48 * hourLength

// IsDue reports whether an hour of a site is still to be recorded by this process.
func (h *Hourly) IsDue(site string, hour Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.site(site)
	return hour != s.recorded && hour != s.doubtful
}

// Record keeps the counts of a full hour by type. After a long pause the clock may be
// wrong: then only the second of two hours is recorded. What a wrong clock has dated in
// the future is replaced when that time comes.
func (h *Hourly) Record(site string, hour Time, counts map[string]HourCount) {
	h.mu.Lock()
	defer h.mu.Unlock()

	// Another process may have stored more, and other counts of the same hours.
	s := h.site(site)
	if h.store != nil {
		stored, err := h.store.loadHours(site)
		if err != nil {
			h.log.Warn("cannot use the hourly counts", "site", site, "error", err)
		}
		if stored != nil {
			stored.each(s.set)
		}
	}

	if last := s.first + Time(s.hours-1)*hourLength; s.hours > 0 && hour > last+maxGap && hour != s.doubtful+hourLength {
		s.doubtful = hour
		return
	}
	s.set(hour, counts)
	s.recorded = hour
	h.save(site, s)
}

// Counts returns the counts of a type at full hours, the first of them and those that
// follow; false for one that was not counted. A type that a counted hour lacks had no
// nodes.
func (h *Hourly) Counts(site, nodeType string, first Time, hours int) []HourCount {
	h.mu.Lock()
	defer h.mu.Unlock()

	s := h.site(site)
	counts := make([]HourCount, hours)
	for i := range counts {
		counts[i] = notCounted
		if at := first + Time(i)*hourLength; s.has(at) {
			counts[i] = HourCount{}
			if of := s.types[nodeType]; of != nil && of[s.index(at)] != notCounted {
				counts[i] = of[s.index(at)]
			}
		}
	}
	return counts
}

// Simulate replaces a site's counts by those that simulated hosts had at the full hours from
// first until before end. types are those of the nodes that are leased as complete machines.
// Nothing is stored, since the same can be simulated again.
func (h *Hourly) Simulate(site string, hosts []Host, types map[string]string, first, end Time) {
	s := &siteHours{first: first, hours: int((end - first) / hourLength), types: map[string][]HourCount{}}
	for _, name := range types {
		if s.types[name] == nil {
			s.types[name] = make([]HourCount, s.hours)
		}
		for i := range s.types[name] {
			s.types[name][i].All++
		}
	}

	busy := make([]bool, s.hours)
	for i := range hosts {
		name, ok := types[hosts[i].Node]
		if !ok || hosts[i].Maintenance {
			continue
		}
		counts := s.types[name]
		clear(busy)
		for _, r := range hosts[i].Reservations {
			from, to := max(FullHour(r.Start), first), min(FullHour(r.End), end)
			for at := from; at < to; at += hourLength {
				busy[s.index(at)] = true
			}
		}
		for at := range counts {
			if !busy[at] {
				counts[at].Free++
			}
		}
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	h.sites[site] = s
}

// site returns a site's counts, from its file if nobody has asked for them before.
func (h *Hourly) site(site string) *siteHours {
	s := h.sites[site]
	if s == nil && h.store != nil {
		var err error
		if s, err = h.store.loadHours(site); err != nil {
			h.log.Warn("cannot use the hourly counts", "site", site, "error", err)
		}
	}
	if s == nil {
		s = &siteHours{types: map[string][]HourCount{}}
	}
	h.sites[site] = s
	return s
}

// save writes a site's file, and logs when that begins to fail and when it works again.
func (h *Hourly) save(site string, s *siteHours) {
	if h.store == nil {
		return
	}

	err := h.store.saveHours(site, s)
	switch failed := h.saveFailed[site]; {
	case err != nil && !failed:
		h.log.Error("cannot store hourly counts", "site", site, "error", err)
	case err == nil && failed:
		h.log.Info("hourly counts stored again", "site", site)
	}
	h.saveFailed[site] = err != nil
}

func (s *siteHours) index(hour Time) int { return int((hour - s.first) / hourLength) }

// has reports whether an hour was counted: then a type has a count, "" if no other.
func (s *siteHours) has(hour Time) bool {
	if i := s.index(hour); hour >= s.first && i < s.hours && hour%hourLength == 0 {
		for _, counts := range s.types {
			if counts[i] != notCounted {
				return true
			}
		}
	}
	return false
}

// set sets the counts of an hour. Hours that are too old then go.
func (s *siteHours) set(hour Time, counts map[string]HourCount) {
	if s.hours == 0 {
		s.first = hour
	}

	last := max(s.first+Time(s.hours-1)*hourLength, hour)
	if first := max(min(s.first, hour), last-(keptHours-1)*hourLength); first != s.first || s.index(last) >= s.hours {
		s.resize(first, last)
	}
	if hour < s.first {
		return // older than what is kept
	}

	for _, had := range s.types {
		had[s.index(hour)] = notCounted
	}
	if len(counts) == 0 {
		counts = map[string]HourCount{"": {}} // a site without nodes
	}
	for name, count := range counts {
		if s.types[name] == nil {
			s.types[name] = make([]HourCount, s.hours)
			for i := range s.types[name] {
				s.types[name][i] = notCounted
			}
		}
		s.types[name][s.index(hour)] = count
	}
}

// resize makes a site have the hours from first to last, those that it had and others that
// were not counted. Types without a count go.
func (s *siteHours) resize(first, last Time) {
	before := *s
	s.first, s.hours = first, int((last-first)/hourLength)+1
	s.types = make(map[string][]HourCount, len(before.types))
	for name, had := range before.types {
		counts := make([]HourCount, s.hours)
		isCounted := false
		for i := range counts {
			counts[i] = notCounted
			if at := before.index(first + Time(i)*hourLength); first+Time(i)*hourLength >= before.first && at < before.hours {
				counts[i] = had[at]
				isCounted = isCounted || counts[i] != notCounted
			}
		}
		if isCounted {
			s.types[name] = counts
		}
	}
}

// each calls f with the hours that were counted.
func (s *siteHours) each(f func(hour Time, counts map[string]HourCount)) {
	for i := range s.hours {
		hour := s.first + Time(i)*hourLength
		counts := map[string]HourCount{}
		for name, of := range s.types {
			if of[i] != notCounted {
				counts[name] = of[i]
			}
		}
		if len(counts) > 0 {
			f(hour, counts)
		}
	}
}

// FullHour returns the first full hour that is not before a time.
func FullHour(t Time) Time { return roundUp(t, hourLength) }
