// Package watch batches file-system events, and notifies open pages of what was built
// after them.
package watch

import (
	"context"
	"slices"
	"time"
)

// Paths is what is watched.
type Paths struct {
	// Watched are directories, recursively, and single files. One that does not exist
	// is a file that may be created.
	Watched []string
	// Roots are directories that must keep being the same; nothing below them is
	// watched. Replacing one, or a link in its path, counts as a change of everything.
	Roots []string
}

func (p Paths) equal(q Paths) bool {
	return slices.Equal(p.Watched, q.Watched) && slices.Equal(p.Roots, q.Roots)
}

// Follower calls back when files change. It checks for replaced directories every
// second, because a watch of the old directory gets no event.
type Follower struct {
	// Paths is called at the start and after each call of Changed.
	Paths func() Paths
	// Changed is called when watching begins and after each burst of changes. It returns
	// how long to wait for the next one before it is called anyway; at least a second.
	Changed func() time.Duration
	// Limited is called with the reason when the system begins to refuse to watch.
	// Changed is then called every two seconds.
	Limited func(error)
	// Trigger receives changes that no file shows; nil for none.
	Trigger <-chan struct{}

	open func() (notifier, error) // nil for the system's; for tests

	watched *watched
	refused bool          // the system refuses to watch
	wait    time.Duration // the last result of Changed
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
		f.watched.close()
		f.begin(f.Paths())
		f.wait = f.Changed()

		// A change may also change the paths to watch: then start over.
		if f.watched.paths.equal(f.Paths()) {
			return
		}
	}
}

// Run keeps following after Start, until ctx ends. It watches anew after each change,
// which may have brought directories, or replaced them.
func (f *Follower) Run(ctx context.Context) {
	defer func() { f.watched.close() }()

	for {
		wait := max(f.wait, checkInterval)
		if f.refused {
			wait = min(wait, fallbackPoll)
		}

		f.watched.wait(ctx, wait, f.Trigger)
		if ctx.Err() != nil {
			return
		}

		f.Start()
	}
}

// begin watches paths. If the system refuses, only replaced directories are noticed.
func (f *Follower) begin(paths Paths) {
	open := f.open
	if open == nil {
		open = newNotifier
	}

	var err error
	f.watched, err = watchPaths(paths, open)
	if err != nil && !f.refused {
		f.Limited(explainLimit(err))
	}

	f.refused = err != nil
}
