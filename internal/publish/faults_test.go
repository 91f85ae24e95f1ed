package publish_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/test/faulttest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Whatever fails, and wherever a run ends: readers get whole releases, and the next run
// makes what a run from nothing makes, and leaves nothing else.
func TestFaults(t *testing.T) {
	t.Parallel()
	o := faulttest.Some(2)

	// A small site: each file costs operations, and each operation a run.
	small := func(n int, without ...string) map[string]tree.File {
		files := site(n)
		for p := range files {
			if strings.HasPrefix(p, "sites/s/nodes/") && p > "sites/s/nodes/n03" {
				delete(files, p)
			}
		}
		for _, p := range without {
			delete(files, p)
		}
		return files
	}
	work := func(n, keep int, files map[string]tree.File) func(durable.FS, string) error {
		return func(fsys durable.FS, dir string) error {
			o := publish.Options{FS: fsys, Jobs: 1, Keep: keep, MaxDeletes: 0,
				IsResource: func(p string) bool { return strings.HasPrefix(p, "sites/s/") }}
			_, err := publish.Publish(context.Background(), filepath.Join(dir, faulttest.Public), release(n), all(files), o)
			return err
		}
	}

	version := "versions/0000000000000000000000000000000000000001.json"
	var rows []faulttest.Row
	for _, tt := range []struct {
		name   string
		before []func(durable.FS, string) error
		run    func(durable.FS, string) error
		refuse bool
	}{
		{"the first release", nil, work(2, 3, small(2)), false},
		{"the next commit", []func(durable.FS, string) error{work(1, 3, small(1))}, work(2, 3, small(2)), false},
		{"a store of its own", []func(durable.FS, string) error{work(1, 3, small(1))}, work(2, 3, small(2, version)), false},
		{"keep none", []func(durable.FS, string) error{work(1, 3, small(1)), work(2, 3, small(2, version))},
			work(3, 0, small(3, version)), false},
		{"too much vanishes", []func(durable.FS, string) error{work(1, 3, small(1))},
			work(2, 3, small(2, "sites/s/nodes/n00.json")), true},
	} {
		s := faulttest.Scenario{Name: tt.name, Base: t.TempDir(), Done: t.TempDir(), Run: tt.run, Live: isLive}
		for _, step := range tt.before {
			if err := step(durable.OS{}, s.Base); err != nil {
				t.Fatal(err)
			}
		}
		if tt.refuse {
			s.Refused, s.Done = true, s.Base
		} else if err := tt.run(durable.OS{}, s.Done); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, faulttest.Enumerate(t, s, faulttest.Kinds, o)...)
	}

	root := func(dir string) string { return filepath.Join(dir, faulttest.Public) }
	isPinned := func(dir string) error {
		if name, err := publish.Pinned(durable.OS{}, root(dir)); err != nil || name != "r0001" {
			return fmt.Errorf("%q is pinned, %w", name, err)
		}
		return nil
	}

	back := faulttest.Scenario{Name: "roll back", Base: t.TempDir(), Done: t.TempDir(), Live: isLive, Check: isPinned}
	back.Run = func(fsys durable.FS, dir string) error {
		_, _, err := publish.Rollback(context.Background(), root(dir), "r0001", publish.Options{FS: fsys, Jobs: 1, Keep: 3})
		return err
	}
	pin := faulttest.Scenario{Name: "pin", Base: back.Done, Done: back.Done, Check: isPinned}
	pin.Live = func(error) bool { return true } // there is no other
	pin.Run = func(fsys durable.FS, dir string) error {
		_, err := publish.Pin(context.Background(), root(dir), "", publish.Options{FS: fsys})
		return err
	}
	for _, err := range []error{
		work(1, 3, small(1))(durable.OS{}, back.Base), work(2, 3, small(2))(durable.OS{}, back.Base),
		work(1, 3, small(1))(durable.OS{}, back.Done),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []faulttest.Scenario{back, pin} {
		rows = append(rows, faulttest.Enumerate(t, s, faulttest.Kinds, o)...)
	}

	faulttest.Report(t, rows)
}

// isLive knows the error of a release that went live and may not survive a power failure.
func isLive(err error) bool { return strings.Contains(err.Error(), "the release is live") }
