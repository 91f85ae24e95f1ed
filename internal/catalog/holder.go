package catalog

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

// Holder has the catalog of the live release, and takes up a new one.
type Holder struct {
	root    string
	log     *slog.Logger
	current atomic.Pointer[Catalog]

	mu   sync.Mutex
	seen *string // what the link was when it was last looked at; nil before
}

// NewHolder makes a Holder for an output directory that has no catalog yet.
func NewHolder(root string, log *slog.Logger) *Holder { return &Holder{root: root, log: log} }

// Catalog is that of the live release, or of the last one that could be read;
// nil where there was none yet.
func (h *Holder) Catalog() *Catalog { return h.current.Load() }

// Refresh reads the live release if it is another than before. On an error the
// catalog stays as it was, and the same release is not read again.
func (h *Holder) Refresh() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := h.link()
	if h.seen != nil && seen == *h.seen {
		return nil
	}
	h.seen = &seen
	c, err := Open(h.root)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && seen == "" {
			return fmt.Errorf("%s has no published release", h.root)
		}
		return err
	}
	h.current.Store(c)
	h.log.Info("serving a release", "release", c.Release, "nodes", len(c.Nodes))
	return nil
}

// link says which release is live, and since when; "" for none.
func (h *Holder) link() string {
	name := filepath.Join(h.root, disk.CurrentLink)
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

// Run refreshes every now and then until ctx ends.
func (h *Holder) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := h.Refresh(); err != nil {
				h.log.Warn("the release cannot be read: what was served before is served on", "error", err)
			}
		}
	}
}
