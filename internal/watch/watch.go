// Package watch notices changed files, and notifies open pages of what was built after
// them.
package watch

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// Paths is what is watched.
type Paths struct {
	// Watched are directories, recursively, and single files. One that does not exist
	// is a file that may be created.
	Watched []string
	// Roots are paths of which only the symbolic links are watched: pointing one to
	// another directory counts as a change of everything.
	Roots []string
}

// Follower calls back when files change. It looks at their sizes and times instead of
// asking the system for events, which are limited in number, end when a directory is
// replaced, and do not come from network file systems.
type Follower struct {
	// Paths is called at the start and after each call of Changed.
	Paths func() Paths
	// Changed is called at the start and after each burst of changes. It reports
	// whether its input exists; if not, it is called again every second.
	Changed func() bool
	// Poll is how often Changed is called without any change.
	Poll time.Duration

	paths  Paths
	built  uint64    // fingerprint of the files before the last call of Changed
	called time.Time // when that was
	there  bool      // what it returned
}

const (
	// A burst ends when nothing has changed for a lookInterval, or after maxDelay: git
	// and editors write several files for one change.
	lookInterval = 150 * time.Millisecond
	maxDelay     = 2 * time.Second

	retryInterval = time.Second // between two calls while the input does not exist

	// Looking takes at most one part in lookShare of the time, also in large directories.
	lookShare = 20
)

// Start begins to watch, and calls Changed. Run reports changes after it has returned.
func (f *Follower) Start() {
	for next := f.Paths(); ; {
		f.paths, f.built, f.called = next, next.fingerprint(), time.Now()
		f.there = f.Changed()

		// A change may also change the paths to watch: then start over.
		if next = f.Paths(); next.equal(f.paths) {
			return
		}
	}
}

// Run keeps following after Start, until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	look := time.NewTimer(lookInterval)
	defer look.Stop()

	last := f.built
	var since time.Time // when the first change of a burst was seen, zero without one
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}

		begin := time.Now()
		now := f.paths.fingerprint()
		took := time.Since(begin)
		settled := now == last
		last = now

		switch {
		case now == f.built:
			since = time.Time{}
		case since.IsZero():
			since = begin
		}

		if f.isDue(begin) || !since.IsZero() && (settled || begin.Sub(since) >= maxDelay) {
			f.Start()
			last, since = f.built, time.Time{}
		}

		look.Reset(max(lookInterval, lookShare*took))
	}
}

// isDue reports whether Changed is to be called even if nothing has changed.
func (f *Follower) isDue(now time.Time) bool {
	wait := max(f.Poll, retryInterval)
	if !f.there {
		wait = retryInterval
	}
	return now.Sub(f.called) >= wait
}

// fingerprint hashes what the paths name, and the size and time of each file. What
// cannot be read counts as missing: whoever reads the files reports a better error.
func (p Paths) fingerprint() uint64 {
	h := fnv.New64a()
	for _, path := range p.Roots {
		resolved, _ := filepath.EvalSymlinks(path)
		fmt.Fprintln(h, resolved)
	}

	for _, path := range p.Watched {
		addFiles(h, path)
	}

	return h.Sum64()
}

// addFiles hashes the files below a path.
func addFiles(w io.Writer, path string) {
	resolved, _ := filepath.EvalSymlinks(path)
	_ = filepath.WalkDir(resolved, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}

		fmt.Fprintln(w, name, d.Type())
		if info, err := d.Info(); err == nil && !d.IsDir() {
			fmt.Fprintln(w, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
}

func (p Paths) equal(q Paths) bool {
	return slices.Equal(p.Watched, q.Watched) && slices.Equal(p.Roots, q.Roots)
}
