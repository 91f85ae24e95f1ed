package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Follower holds the live release, and loads a new one when it is published.
type Follower struct {
	root    string
	log     *slog.Logger
	current atomic.Pointer[Release]

	mu   sync.Mutex
	seen *string // result of link at the last Refresh; nil before the first
}

// NewFollower returns a Follower of an output directory. It has no release before the
// first Refresh.
func NewFollower(root string, log *slog.Logger) *Follower { return &Follower{root: root, log: log} }

// Release returns the live release, or the last one that could be read; nil before the
// first.
func (f *Follower) Release() *Release { return f.current.Load() }

// Refresh loads the live release if it has changed. On an error the previous one stays,
// and the broken one is not tried again.
func (f *Follower) Refresh() error {
	f.mu.Lock()
	defer f.mu.Unlock()

	seen := f.link()
	if f.seen != nil && seen == *f.seen {
		return nil
	}

	f.seen = &seen
	r, err := f.current.Load().openNext(f.root)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && seen == "" {
			return fmt.Errorf("%s has no published release", f.root)
		}
		return err
	}

	f.current.Store(r)
	f.log.Info("serving a release", "release", r.ID, "nodes", len(r.Nodes))
	return nil
}

// link identifies the live release by the target and the time of its link, so that
// switching to another release and back is noticed; "" for none.
func (f *Follower) link() string {
	name := filepath.Join(f.root, disk.CurrentLink)
	info, err := os.Lstat(name)
	if err != nil {
		return ""
	}

	target, err := os.Readlink(name)
	if err != nil {
		return ""
	}

	return target + " " + info.ModTime().String()
}

// Run refreshes at an interval until ctx ends.
func (f *Follower) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := f.Refresh(); err != nil {
				f.log.Warn("cannot read the release: still serving the previous one", "error", err)
			}
		}
	}
}
