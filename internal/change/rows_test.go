package change_test

import (
	"bytes"
	"maps"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// counting counts the files that are read.
type counting struct {
	*gitrepo.Repo
	read atomic.Int32
}

func (c *counting) Blob(id history.Hash, limit int64) ([]byte, bool, error) {
	c.read.Add(1)
	return c.Repo.Blob(id, limit)
}

// input is what the changes of a repository are read from.
func input(t testing.TB, repo *gitrepo.Repo) change.Input {
	t.Helper()
	head, err := repo.Resolve("")
	if err != nil {
		t.Fatal(err)
	}

	grid := treetest.Grid(t, repo, head)
	hist, files, err := history.Walk(t.Context(), repo, head, grid.LogPaths(), grid.Dir, history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	return change.Input{Source: repo, History: hist, Files: files, Grid: grid, Spool: treetest.Spool(t)}
}

func read(t testing.TB, in change.Input) *change.Log {
	t.Helper()
	log, err := change.Read(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// told is all that a log tells.
type told struct {
	Rows     [][]change.Row
	Summary  []string
	Deltas   [][][]change.Op
	Versions map[string][]change.State
	Between  map[string][][]change.Op
	Texts    map[string][]string
}

func tell(t testing.TB, log *change.Log, in change.Input) told {
	t.Helper()
	all := told{Versions: map[string][]change.State{}, Between: map[string][][]change.Op{}, Texts: map[string][]string{}}
	ops := func(r change.Ref) []change.Op {
		d, err := log.Delta(r)
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			return nil
		}
		return append([]change.Op{}, d.Ops...)
	}

	for n := range in.History.Commits {
		rows, deltas := []change.Row{}, [][]change.Op{}
		for _, r := range log.Commit(n) {
			rows, deltas = append(rows, r.Row()), append(deltas, ops(r.Delta()))
		}
		all.Rows, all.Deltas = append(all.Rows, rows), append(all.Deltas, deltas)
		all.Summary = append(all.Summary, change.Summary(log.Commit(n)))
	}

	for r := range in.Grid.Resources() {
		versions, err := log.Versions(r.File.Path, in.History.Log(r.LogPath()))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range versions {
			text, err := log.Text(v)
			if err != nil {
				t.Fatal(err)
			}
			p := r.File.Path
			all.Versions[p] = append(all.Versions[p], v.State)
			all.Between[p] = append(all.Between[p], ops(v.Delta))
			all.Texts[p] = append(all.Texts[p], string(text))
		}
	}

	return all
}

// A log that is given the rows of earlier commits tells the same, and reads no file
// for them until it is asked what changed in it.
func TestKnownRows(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	in := input(t, repo)
	cold := read(t, in)
	want := tell(t, cold, in)

	known := map[history.Hash][]change.Row{}
	for _, s := range in.History.Segments() {
		data := cold.Rows(s.Commits)
		rows, err := change.DecodeRows(data)
		if err != nil {
			t.Fatalf("the segment %s: %v", s.Name(), err)
		}
		maps.Copy(known, rows)
	}

	newest := in.History.Head()
	for _, tt := range []struct {
		name   string
		forget func()
		reads  int
	}{
		{"all", func() {}, 0},
		{"all but the newest", func() { delete(known, newest.ID) }, 2 * len(cold.Commit(0))},
		{"rows of other files", func() { known[newest.ID] = []change.Row{{GitPath: "other"}} }, 2 * len(cold.Commit(0))},
	} {
		tt.forget()
		source := &counting{Repo: repo}
		in.Source, in.Known, in.Spool = source, known, treetest.Spool(t)
		log := read(t, in)
		if got := int(source.read.Load()); got > tt.reads {
			t.Errorf("%s: %d files were read, want at most %d", tt.name, got, tt.reads)
		}
		if got := tell(t, log, in); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the log tells\n%+v, want\n%+v", tt.name, got, want)
		}
	}
}

// Whatever is read back is what the same rows are written as.
func FuzzDecodeRows(f *testing.F) {
	repo, err := sample.Open()
	if err != nil {
		f.Fatal(err)
	}

	in := input(f, repo)
	log := read(f, in)
	for _, s := range in.History.Segments() {
		f.Add(log.Rows(s.Commits))
	}
	f.Add(log.Rows(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		known, err := change.DecodeRows(data)
		if err != nil {
			return
		}

		rows := 0
		for _, r := range known {
			rows += len(r)
		}
		if rows > len(data) {
			t.Errorf("%d bytes have %d rows", len(data), rows)
		}
	})
}

// Rows that were changed by hand, cut or doubled are refused.
func TestDecodeRowsRefuses(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	in := input(t, repo)
	data := read(t, in).Rows([]int{0, 1})
	if _, err := change.DecodeRows(data); err != nil {
		t.Fatal(err)
	}

	for n := range data {
		if _, err := change.DecodeRows(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are rows", n, len(data))
		}
	}

	for name, bad := range map[string][]byte{
		"more":             append(bytes.Clone(data), 0),
		"a commit twice":   read(t, in).Rows([]int{0, 0}),
		"a long number":    append([]byte("refgen changes 3\n"), 0x80, 0),
		"a huge number":    append([]byte("refgen changes 3\n"), bytes.Repeat([]byte{0xff}, 10)...),
		"another version":  bytes.Replace(data, []byte("3\n"), []byte("2\n"), 1),
		"nothing happened": append(append([]byte("refgen changes 3\n\x01"), make([]byte, 20)...), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	} {
		if _, err := change.DecodeRows(bad); err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}
