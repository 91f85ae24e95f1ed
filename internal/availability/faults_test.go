package availability

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/test/faulttest"
)

// Whatever fails while a site's state is stored or loaded, and wherever the program ends:
// what is loaded next is complete, and the old state or the new one.
func TestFaults(t *testing.T) {
	t.Parallel()
	before := someSnapshot("uc")
	after := NewSnapshot("uc", before.Synced.Add(time.Minute), &Report{Rows: 1, Hosts: []Host{{Node: "only"}}})
	save := func(fsys durable.FS, dir string) error {
		return NewStore(fsys, filepath.Join(dir, "state")).Save(after)
	}
	load := func(fsys durable.FS, dir string) error {
		_, err := NewStore(fsys, filepath.Join(dir, "state")).Load("uc")
		return err
	}

	var rows []faulttest.Row
	for _, tt := range []struct {
		name  string
		first bool // nothing is stored yet
		work  func(durable.FS, string) error
	}{
		{"store the first state", true, save},
		{"store a state", false, save},
		{"load a state", false, load},
	} {
		for _, kind := range faulttest.Kinds {
			row := faulttest.Row{Scenario: tt.name, Kind: kind, Left: map[string]int{}}
			base := t.TempDir()
			if !tt.first {
				if err := NewStore(durable.OS{}, filepath.Join(base, "state")).Save(before); err != nil {
					t.Fatal(err)
				}
			}

			quiet := filepath.Join(t.TempDir(), "quiet")
			recording := faulttest.New(quiet, faulttest.None, faulttest.Op{})
			if err := faulttest.Copy(base, quiet); err != nil {
				t.Fatal(err)
			}
			if err := tt.work(recording, quiet); err != nil {
				t.Fatal(err)
			}

			for i, op := range recording.Ops() {
				if !kind.Meets(op) {
					continue
				}
				row.Operations++
				for _, lost := range kind.Losses() {
					stateFault(t, &row, faultAt{base, tt.work, kind, op, lost, uint64(i)}, before, after)
				}
			}
			rows = append(rows, row)
		}
	}

	faulttest.Report(t, rows)
}

// faultAt is a fault of an operation.
type faultAt struct {
	base string
	work func(durable.FS, string) error
	kind faulttest.Kind
	op   faulttest.Op
	lost faulttest.Lost
	seed uint64
}

// stateFault lets a fault happen, and counts what can be loaded after it.
func stateFault(t *testing.T, row *faulttest.Row, f faultAt, before, after *Snapshot) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state of a run")
	if err := faulttest.Copy(f.base, dir); err != nil {
		t.Fatal(err)
	}

	fsys := faulttest.New(dir, f.kind, f.op)
	failed := f.work(fsys, dir)
	if f.kind == faulttest.PowerCut {
		if err := fsys.Cut(f.lost, rand.New(rand.NewPCG(f.seed, 1))); err != nil {
			t.Fatal(err)
		}
	}

	row.Faults++
	row.Asked++
	store := NewStore(durable.OS{}, filepath.Join(dir, "state"))
	got, err := store.Load("uc")
	isBefore := cmp.Equal(withoutWarnings(before), got, exactly) || got == nil && row.Scenario == "store the first state"
	isAfter := cmp.Equal(after, got, exactly)
	switch {
	case err != nil || !isBefore && !isAfter:
		row.Losses = append(row.Losses, fmt.Sprintf("%v (lost %d): loaded %+v, %v", f.op, f.lost, got, err))
	case failed == nil && !isAfter && !strings.HasPrefix(row.Scenario, "load") && f.kind != faulttest.PowerCut:
		row.Losses = append(row.Losses, fmt.Sprintf("%v: no error, and the old state", f.op))
	case failed == nil:
		row.Survived++
	case isBefore:
		row.Refused++
	default:
		row.Went++
	}

	left := "nothing"
	entries, _ := os.ReadDir(filepath.Join(dir, "state")) // none before the first
	for _, e := range entries {
		if filepath.Ext(e.Name()) != storeSuffix {
			left = "state/*" + filepath.Ext(e.Name())
		}
	}
	row.Left[left]++

	// The next one heals.
	if err := store.Save(after); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, "state")); err != nil || len(entries) != 1 {
		row.Losses = append(row.Losses, fmt.Sprintf("%v: left behind: %v, %v", f.op, entries, err))
	}
}

// withoutWarnings is a snapshot as it is stored.
func withoutWarnings(s *Snapshot) *Snapshot {
	c := *s
	c.Warnings = nil
	return &c
}
