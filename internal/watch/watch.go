// Package watch batches file-system events, and notifies open pages of what was built
// after them.
package watch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Paths is what is watched.
type Paths struct {
	// Watched are directories, recursively, and single files. One that does not exist
	// is a file that may be created.
	Watched []string
	// Roots are paths that must keep naming the same file or directory; nothing
	// below them is watched. Replacing one, or a link in its path, counts as a
	// change of everything.
	Roots []string
}

// Follower calls back when files change. It checks for replaced directories every
// second, because a watch of the old directory gets no event.
type Follower struct {
	// Paths is called at the start and after each call of Changed.
	Paths func() Paths
	// Changed is called when watching begins, after each burst of changes, and
	// whenever watching begins again. It reports whether its input exists; if not,
	// it is called again every second.
	Changed func() bool
	// Limited is called with the reason when the system refuses to watch.
	// Changed is then called every two seconds.
	Limited func(error)
	// Poll is how often Changed is called without any event, for file systems
	// that send none.
	Poll time.Duration

	open func() (notifier, error) // nil for the system's; for tests

	watched *watched
	refused bool // the system refuses to watch
	there   bool // the last result of Changed
}

const (
	// A burst ends after settleDelay without an event, or after maxDelay: git and
	// editors write several files for one change.
	settleDelay = 150 * time.Millisecond
	maxDelay    = 2 * time.Second

	checkInterval = time.Second     // between two checks of what paths name
	fallbackPoll  = 2 * time.Second // between two calls where nothing can be watched
)

// Start begins to watch, and calls Changed. Run reports changes after it has returned.
func (f *Follower) Start() {
	for {
		paths := f.Paths()
		if f.watched == nil || !f.watched.paths.equal(paths) {
			f.watched.close()
			f.watched = f.begin(paths)
			f.refused = f.watched.files == nil && len(paths.Watched) > 0
		}

		// A change may also change the paths to watch: then start over.
		f.there = f.Changed()
		if f.watched.paths.equal(f.Paths()) {
			return
		}
	}
}

// Run keeps following after Start, until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	defer func() { f.watched.close() }()

	looks := time.NewTicker(checkInterval)
	defer looks.Stop()

	for {
		wait := max(f.Poll, checkInterval)
		switch {
		case !f.there:
			wait = min(wait, checkInterval)
		case f.refused:
			wait = min(wait, fallbackPoll)
		}

		switch f.watched.next(ctx, wait, looks.C) {
		case over:
			return
		case again:
			f.watched.close()
			f.watched = nil
		case limited:
			f.Limited(explainLimit(f.watched.err))
			f.refused = true
		}

		f.Start()
	}
}

// begin starts to watch. If the system refuses, or there is nothing to watch, the result
// only notices replaced roots.
func (f *Follower) begin(paths Paths) *watched {
	w := &watched{paths: paths, found: identify(paths)}
	if len(paths.Watched) == 0 {
		return w // Run polls
	}

	open := f.open
	if open == nil {
		open = newNotifier
	}

	n, err := open()
	if err == nil {
		w.files = &files{notifier: n, single: map[string]bool{}, dirs: map[string]bool{}, tops: map[string]bool{}}
		err = w.files.addAll(paths.Watched)
	}

	if err != nil {
		f.Limited(explainLimit(err))
		w.close()
		w.files = nil
	}

	return w
}

// watched is one set of paths and its watches.
type watched struct {
	paths Paths
	found []identity
	files *files // nil if the system refuses
	err   error  // why it refuses
}

func (w *watched) close() {
	if w != nil && w.files != nil {
		_ = w.files.notifier.Close() // nothing can be lost
	}
}

// The results of a wait.
type outcome int

const (
	changed outcome = iota // a burst has ended, or enough time has passed
	again                  // watching has to begin again
	limited                // the system refuses to watch something new
	over                   // the context has ended
)

// next waits for the end of a burst of changes, at most for the given time, and checks
// at every tick of looks whether the paths still name what is watched.
func (w *watched) next(ctx context.Context, wait time.Duration, looks <-chan time.Time) outcome {
	poll := time.NewTimer(wait)
	defer poll.Stop()

	var events <-chan fsnotify.Event
	var failures <-chan error
	if w.files != nil {
		events, failures = w.files.notifier.Events(), w.files.notifier.Errors()
	}

	// A burst of changes: fire is nil until the first one.
	var (
		settled *time.Timer
		fire    <-chan time.Time // of settled
		since   time.Time        // the first change
	)

	for {
		select {
		case <-ctx.Done():
			return over
		case <-poll.C:
			return w.check()
		case <-fire:
			return w.check()
		case <-looks:
			if w.check() == again {
				return again
			}

		case err := <-failures:
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				return again // new directories may be unwatched
			}
			return w.refuse(err)

		case e := <-events:
			switch counts, err := w.files.take(e); {
			case err != nil:
				return w.refuse(err)
			case w.files.lost:
				return again
			case !counts:
				continue
			}

			if fire == nil {
				since = time.Now()
			}

			rest := min(settleDelay, max(0, maxDelay-time.Since(since)))
			if settled == nil {
				settled = time.NewTimer(rest)
				defer settled.Stop()
			} else {
				settled.Reset(rest)
			}

			fire = settled.C
		}
	}
}

// check returns again where paths name something else than before, else changed.
func (w *watched) check() outcome {
	if !slices.EqualFunc(w.found, identify(w.paths), identity.same) {
		return again
	}
	return changed
}

// refuse ends watching because the system refuses to continue.
func (w *watched) refuse(err error) outcome {
	w.close()
	w.files, w.err = nil, err
	return limited
}

func (p Paths) equal(q Paths) bool {
	return slices.Equal(p.Watched, q.Watched) && slices.Equal(p.Roots, q.Roots)
}
