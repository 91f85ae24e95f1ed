package parity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/api"
)

// Limits bound a walk. It ends with what it has when one is reached.
type Limits struct {
	Requests int   // paths that are compared
	Bytes    int64 // of bodies of the legacy service
	Depth    int   // links in a row
	Time     time.Duration
}

// Options are what to compare, and how.
type Options struct {
	Comparer

	OldName, NewName string // in the report and the journal
	Jobs             int    // requests to the legacy service at once
	Limits           Limits
	// Recheck is how long to wait before what differs is compared once more: the two
	// services look at commits and at Blazar at different times.
	Recheck  time.Duration
	Journal  *Journal // nil for none
	Now      func() time.Time
	Progress func(compared, known int) // nil for none
}

// maxFailures is how many answers may be missing in a row before the walk ends: the
// legacy service is down.
const maxFailures = 20

// walker is a walk.
type walker struct {
	Options

	mu       sync.Mutex
	known    map[string]bool // paths that were compared, or will be
	records  []record
	visited  int
	failures int // in a row
	bytes    int64
	foreign  int
	began    time.Time
	stopped  string // by which bound, "" for none
}

// Walk follows the links of the legacy service from its root, and compares each answer
// with ours. The error is for a walk that could not begin, or was interrupted.
func Walk(ctx context.Context, opts Options) (*Report, error) {
	w := &walker{Options: opts, known: map[string]bool{}, began: opts.Now()}
	r := &Report{Old: opts.OldName, New: opts.NewName, Started: w.began.UTC()}

	oldHead, newHead, err := w.heads(ctx)
	if err != nil {
		return nil, err
	}
	r.Commit, w.Head = oldHead, oldHead
	if oldHead != newHead {
		r.Incomplete = fmt.Sprintf("the commits differ: %s and %s", oldHead, newHead)
		r.Ended = opts.Now().UTC()
		return r, nil
	}

	r.Resumed, err = w.Journal.start(walkOf{Old: opts.OldName, New: opts.NewName, Commit: oldHead, Live: !opts.NoLive})
	if err != nil {
		return nil, err
	}
	if err = w.levels(ctx); err == nil {
		err = w.recheck(ctx)
	}
	if err := errors.Join(err, w.Journal.end(err == nil && w.stopped == "")); err != nil {
		return nil, err
	}

	if oldEnd, newEnd, err := w.heads(ctx); err != nil || oldEnd != oldHead || newEnd != newHead {
		w.stop("a new commit came meanwhile")
	}
	w.summarize(r)
	r.Ended = opts.Now().UTC()
	return r, nil
}

// heads returns the commits that the services serve.
func (w *walker) heads(ctx context.Context) (old, ours string, err error) {
	if old, err = head(ctx, w.Old); err != nil {
		return "", "", fmt.Errorf("ask %s: %w", w.OldName, err)
	}
	if ours, err = head(ctx, w.New); err != nil {
		return "", "", fmt.Errorf("ask %s: %w", w.NewName, err)
	}
	return old, ours, nil
}

func head(ctx context.Context, s Service) (string, error) {
	a, err := s.Get(ctx, "/")
	if err != nil {
		return "", err
	}

	var root struct{ Version string }
	if a.Status != 200 || json.Unmarshal(a.Body, &root) != nil || root.Version == "" {
		return "", fmt.Errorf("its root is not that of a reference API: status %d, %q: %s", a.Status, a.MediaType, excerpt(a.Body))
	}
	return root.Version, nil
}

// levels compares the root, then what it links to, and so on.
func (w *walker) levels(ctx context.Context) error {
	level := w.unknown(seeds(!w.NoLive))
	for depth := 0; len(level) > 0; depth++ {
		if depth > w.Limits.Depth {
			w.stop("--max-links")
			return nil
		}

		records := make([]record, len(level))
		g, within := errgroup.WithContext(ctx)
		g.SetLimit(max(w.Jobs, 1))
		for i, p := range level {
			if w.isExhausted() {
				break
			}
			g.Go(func() (err error) {
				records[i], err = w.visit(within, p)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}

		// In the order of the level, so that two walks are alike.
		level = nil
		for _, r := range records {
			if r.Path != "" {
				w.records = append(w.records, r)
				level = append(level, w.unknown(r.Links)...)
			}
		}
	}
	return nil
}

// unknown returns those of some paths that were not met before, as far as there are
// requests for them.
func (w *walker) unknown(paths []string) (fresh []string) {
	for _, p := range paths {
		switch {
		case w.known[p]:
		case len(w.known) >= w.Limits.Requests:
			w.stop("--max-requests")
			return fresh
		default:
			w.known[p] = true
			fresh = append(fresh, p)
		}
	}
	return fresh
}

// stop notes the first bound that was reached.
func (w *walker) stop(bound string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped == "" {
		w.stopped = bound
	}
}

// isExhausted reports whether a bound is reached.
func (w *walker) isExhausted() bool {
	w.mu.Lock()
	failures, bytes := w.failures, w.bytes
	w.mu.Unlock()

	switch {
	case failures >= maxFailures:
		w.stop(fmt.Sprintf("the legacy service did not answer %d times in a row", failures))
	case w.Limits.Bytes > 0 && bytes >= w.Limits.Bytes:
		w.stop("--max-mib")
	case w.Limits.Time > 0 && w.Now().Sub(w.began) >= w.Limits.Time:
		w.stop("--max-time")
	default:
		return false
	}
	return true
}

// visit compares a path, unless the journal has it.
func (w *walker) visit(ctx context.Context, path string) (record, error) {
	r, ok := w.Journal.find(path)
	if !ok {
		var err error
		if r, err = w.compare(ctx, path); err != nil {
			return r, err
		}
		// What is missing now is asked for when the walk goes on.
		if r.Verdict.Outcome != Failed {
			if err := w.Journal.add(r); err != nil {
				return r, err
			}
		}
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	w.visited++
	w.bytes += int64(r.Bytes)
	if r.Verdict.Outcome == Failed {
		w.failures++
	} else {
		w.failures = 0
	}
	if w.Progress != nil {
		w.Progress(w.visited, len(w.known))
	}
	return r, nil
}

// compare asks both services. The error is that of a context that has ended.
func (w *walker) compare(ctx context.Context, path string) (record, error) {
	r := record{Path: path}
	failed := func(name string, err error) (record, error) {
		r.Verdict = Verdict{Outcome: Failed, Detail: name + ": " + err.Error()}
		return r, ctx.Err()
	}

	if w.NoLive && newQuestion(path).isLive() {
		r.Verdict = notLive
		return r, ctx.Err()
	}

	old, err := w.Old.Get(ctx, path)
	if err != nil {
		return failed(w.OldName, err)
	}
	ours, err := w.New.Get(ctx, path)
	if err != nil {
		return failed(w.NewName, err)
	}

	r.Verdict = w.Compare(ctx, path, old, ours)
	r.Bytes = len(old.Body)
	r.Links = w.links(path, old)
	return r, ctx.Err()
}

// links returns the paths that follow from an answer of the legacy service: its links,
// its redirect, and what only a probe can find.
func (w *walker) links(path string, old *Answer) (paths []string) {
	hrefs := []string{old.Location}
	if isJSON(old) {
		hrefs = append(hrefs, api.Hrefs(old.Body)...)
	}
	for _, href := range hrefs {
		if href == "" {
			continue
		}
		to, ok := relativePath(w.Old.Relative(href))
		if !ok {
			w.mu.Lock()
			w.foreign++
			w.mu.Unlock()
			continue
		}
		paths = append(paths, to)
	}

	if old.Status == 200 {
		paths = append(paths, probes(newQuestion(path), !w.NoLive)...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// relativePath returns a link as a path below the root, without its fragment; false for
// a link to another server.
func relativePath(href string) (string, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(href, "/") {
		return "", false
	}
	path, _, _ := strings.Cut(href, "#")
	return path, true
}

// recheck compares once more what differs, after a while.
func (w *walker) recheck(ctx context.Context) error {
	var again []int
	for i, r := range w.records {
		if r.Verdict.Outcome == Differs || r.Verdict.Outcome == Failed {
			again = append(again, i)
		}
	}
	if len(again) == 0 || w.Recheck <= 0 || w.stopped != "" {
		return nil
	}
	if err := sleep(ctx, w.Recheck); err != nil {
		return err
	}

	for _, i := range again {
		r, err := w.compare(ctx, w.records[i].Path)
		if err != nil {
			return err
		}
		w.records[i].Verdict = r.Verdict
	}
	return nil
}
