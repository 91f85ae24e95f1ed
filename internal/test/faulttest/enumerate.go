package faulttest

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/durable"
)

// Scenario is work in a directory, which has the output directory `public`.
type Scenario struct {
	Name string
	Base string // the directory before the work
	Done string // the directory after it, as a cold run makes it
	// Run does the work. It may be repeated, and then does what is left of it.
	Run func(fsys durable.FS, dir string) error
	// Only chooses operations; nil for all.
	Only func(Op) bool
	// Refused means that the work is refused, with or without faults: Done is Base.
	Refused bool
	// Live reports whether an error means that the new release is live all the same.
	Live func(error) bool
	// Check checks what else is in the directory after all is mended; it may be nil.
	Check func(dir string) error
	// Left returns what else is left behind in the directory; it may be nil.
	Left func(dir string) ([]string, error)
}

// Public is the output directory in the directory of a scenario.
const Public = "public"

// Options bound an enumeration.
type Options struct {
	Most int    // faults of each kind, evenly spread over the operations; 0 means all
	Seed uint64 // of what chance decides
	Jobs int    // faults at the same time
}

var all = flag.Bool("faults", false, "let every operation fail, and not only some")

// choose returns which of some operations fail: of each of Most equal parts, the middle.
func (o Options) choose(operations int) []int {
	most := operations
	if o.Most > 0 {
		most = min(o.Most, operations)
	}
	chosen := make([]int, most)
	for i := range chosen {
		chosen[i] = (2*i + 1) * operations / (2 * most)
	}
	return chosen
}

// All reports whether all faults are asked for, or only some.
func All() bool { return *all }

// Some are options for some faults of each kind, or for all if the tests run with -faults.
func Some(most int) Options {
	if *all {
		most = 0
	}
	return Options{Most: most, Jobs: 2}
}

// Row is what became of the faults of one kind in one scenario.
type Row struct {
	Scenario   string
	Kind       Kind
	Operations int // of a run without faults
	Faults     int
	Missed     int // runs that did not come to the operation
	Survived   int // the work was done all the same
	Refused    int // it failed, and the old release stayed live
	Went       int // it failed, and said that the new one is live; or it was killed when it was
	Asked      int64
	Ahead      int64
	Losses     []string
	Left       map[string]int // kinds of leftovers, until the next run: in how many cases
	Events     map[string]int // kinds of faults that chance chose: how many
}

// Enumerate runs a scenario once for each operation and kind of fault, with a reader
// beside it, and then mends it.
func Enumerate(t *testing.T, s Scenario, kinds []Kind, o Options) []Row {
	t.Helper()
	reader, top := s.prepare(t)
	quiet := filepath.Join(top, "quiet")
	recording := New(quiet, None, Op{})
	s.repeat(t, reader, quiet, recording)

	var rows []Row
	for _, kind := range kinds {
		ops := slices.DeleteFunc(recording.Ops(), func(op Op) bool {
			return !kind.Meets(op) || s.Only != nil && !s.Only(op)
		})
		row := Row{Scenario: s.Name, Kind: kind, Operations: len(ops), Left: map[string]int{}}
		asked, ahead := reader.Asked.Load(), reader.Ahead.Load()

		var mu sync.Mutex
		var g errgroup.Group
		g.SetLimit(max(1, o.Jobs))
		for _, i := range o.choose(len(ops)) {
			for _, lost := range kind.Losses() {
				g.Go(func() error {
					c := &fault{Scenario: s, reader: reader, kind: kind, at: ops[i], lost: lost,
						dir: filepath.Join(top, fmt.Sprintf("%d-%d-%d", kind, i, lost)), seed: o.Seed + uint64(i)}
					fsys := New(c.dir, kind, ops[i])
					c.happen(fsys, func() { c.missed = !fsys.Met() })
					mu.Lock()
					defer mu.Unlock()
					row.add(c)
					return nil
				})
			}
		}
		_ = g.Wait() // its functions return no errors

		row.Asked, row.Ahead = reader.Asked.Load()-asked, reader.Ahead.Load()-ahead
		rows = append(rows, row)
	}

	return rows
}

// prepare learns the answers of both releases, and makes a directory for runs.
func (s *Scenario) prepare(t *testing.T) (reader *Reader, top string) {
	t.Helper()
	roots := map[string]string{"old": filepath.Join(s.Base, Public), "new": filepath.Join(s.Done, Public)}
	if s.Done == s.Base {
		delete(roots, "old") // all is of the new one, which is the old one
	}
	reader, err := NewReader(roots)
	if err != nil {
		t.Fatal(err)
	}
	return reader, t.TempDir()
}

// repeat does the work once without a fault.
func (s *Scenario) repeat(t *testing.T, reader *Reader, dir string, fsys durable.FS) {
	t.Helper()
	if err := Copy(s.Base, dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(cmp.Or[durable.FS](fsys, durable.OS{}), dir); (err != nil) != s.Refused {
		t.Fatalf("%s, without faults: %v", s.Name, err)
	}
	if err := s.whole(reader, dir); err != nil {
		t.Fatalf("%s, without faults: %v", s.Name, err)
	}
}

// fault is one fault in a scenario, and what becomes of it.
type fault struct {
	Scenario
	reader *Reader
	kind   Kind
	at     Op
	lost   Lost
	dir    string
	seed   uint64

	missed bool
	err    error // of the run
	live   string
	left   []string
	loss   error
}

// happen lets the fault happen, on a file system unless it is nil, and mends what it
// leaves. After is called in between.
func (c *fault) happen(fsys *FS, after func()) {
	defer os.RemoveAll(c.dir)
	if c.loss = Copy(c.Base, c.dir); c.loss != nil {
		return
	}

	stop, watched := make(chan struct{}), make(chan error, 1)
	public := filepath.Join(c.dir, Public)
	go func() { watched <- c.reader.Watch(public, rand.New(rand.NewPCG(c.seed, 1)), stop) }()
	if fsys == nil {
		c.err = c.Run(durable.OS{}, c.dir)
	} else {
		c.err = c.Run(fsys, c.dir)
	}
	close(stop)
	c.loss = <-watched
	after()

	if c.kind == PowerCut && c.loss == nil {
		c.loss = fsys.Cut(c.lost, rand.New(rand.NewPCG(c.seed, uint64(c.kind))))
	}
	if c.loss == nil {
		c.live, c.loss = c.reader.Live(public)
	}
	if c.loss == nil {
		c.loss = c.judge()
	}
	if c.loss == nil {
		c.left, c.loss = c.leftovers(c.dir)
	}
	if c.loss != nil {
		return
	}

	if err := c.Run(durable.OS{}, c.dir); (err != nil) != c.Refused {
		c.loss = fmt.Errorf("the next run: %v", err)
		return
	}
	if err := c.whole(c.reader, c.dir); err != nil {
		c.loss = fmt.Errorf("after the next run: %w", err)
	}
}

// judge compares what is live with what the run returned.
func (c *fault) judge() error {
	killed := c.kind == Kill || c.kind == PowerCut
	switch {
	case c.Refused && c.err == nil:
		return errors.New("the run was to be refused")
	case c.Refused:
		return nil
	case c.err == nil && c.live != "new" && !killed:
		return errors.New("the run returned no error, but the old release is live")
	case c.err != nil && c.live == "new" && !killed && (c.Scenario.Live == nil || !c.Scenario.Live(c.err)):
		return fmt.Errorf("the new release is live, but the run failed: %w", c.err)
	}
	return nil
}

// whole checks a directory after the work is done: it is what a cold run makes, and has
// nothing else in it.
func (s *Scenario) whole(reader *Reader, dir string) error {
	public := filepath.Join(dir, Public)
	if err := reader.Serves(public, "new"); err != nil {
		return err
	}
	if err := Same(public, filepath.Join(s.Done, Public)); err != nil {
		return err
	}

	left, err := s.leftovers(dir)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("left behind: %q", left)
	}
	if err == nil && s.Check != nil {
		err = s.Check(dir)
	}
	return err
}

// leftovers returns what a directory has that nothing needs.
func (s *Scenario) leftovers(dir string) ([]string, error) {
	left, err := Leftovers(filepath.Join(dir, Public))
	if err != nil || s.Left == nil {
		return left, err
	}
	more, err := s.Left(dir)
	return append(left, more...), err
}

// kindOfLeftover drops what differs from case to case.
var kindOfLeftover = regexp.MustCompile(`^([^/]*)/[^/]*?(\.tmp|\.adding(?:\.tmp)?|\.git\.(?:new|old)|)( \(.*\)|)$`)

// add counts a fault.
func (r *Row) add(c *fault) {
	if c.missed {
		r.Missed++
		return
	}
	r.Faults++
	switch {
	case c.loss != nil:
		r.Losses = append(r.Losses, fmt.Sprintf("%s, %v (lost: %d, seed %d): %v [run: %v]", r.Scenario, c.at, c.lost, c.seed,
			c.loss, c.err))
		return
	case c.err == nil:
		r.Survived++
	case c.live == "old":
		r.Refused++
	default:
		r.Went++
	}

	kinds := map[string]bool{}
	for _, l := range c.left {
		if i := strings.Index(l, " (a file of no release)"); i >= 0 {
			l = "immutable: a file of no release"
		}
		kinds[kindOfLeftover.ReplaceAllString(l, "$1/*$2$3")] = true
	}
	if len(kinds) == 0 {
		kinds["nothing"] = true
	}
	for k := range kinds {
		r.Left[k]++
	}
}

// Report prints rows, and fails the test for losses.
func Report(t *testing.T, rows []Row) {
	t.Helper()
	var out strings.Builder
	total, asked, losses := 0, int64(0), 0
	fmt.Fprintf(&out, "\n%-28s %-16s %6s %6s %6s %6s %6s %9s %6s %6s\n", "work", "fault", "ops", "faults", "done", "old",
		"new", "answers", "ahead", "losses")
	for _, r := range rows {
		fmt.Fprintf(&out, "%-28s %-16s %6d %6d %6d %6d %6d %9d %6d %6d\n", r.Scenario, r.Kind, r.Operations, r.Faults,
			r.Survived, r.Refused, r.Went, r.Asked, r.Ahead, len(r.Losses))
		if r.Missed > 0 {
			fmt.Fprintf(&out, "%29s%d operations were not met again\n", "", r.Missed)
		}
		for _, k := range slices.Sorted(maps.Keys(r.Left)) {
			fmt.Fprintf(&out, "%29sleaves %s: %d\n", "", k, r.Left[k])
		}
		for _, k := range slices.Sorted(maps.Keys(r.Events)) {
			fmt.Fprintf(&out, "%29shad %s: %d\n", "", k, r.Events[k])
		}
		total, asked, losses = total+r.Faults, asked+r.Asked, losses+len(r.Losses)
	}
	fmt.Fprintf(&out, "FAULTS %d ANSWERS %d LOSSES %d\n", total, asked, losses)
	t.Log(out.String())

	for _, r := range rows {
		for _, l := range r.Losses[:min(5, len(r.Losses))] {
			t.Errorf("%v: %s", r.Kind, l)
		}
	}
}
