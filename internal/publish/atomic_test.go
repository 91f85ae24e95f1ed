package publish_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// While releases come and go, every look at the live one shows all of one
// release.
func TestReadersSeeWholeReleases(t *testing.T) {
	t.Parallel()
	const releases, readers = 20, 2
	root := t.TempDir()
	put(t, root, 1)
	var done atomic.Bool
	var looks atomic.Int64
	var wg sync.WaitGroup

	for range readers {
		wg.Go(func() {
			for !done.Load() {
				if err := look(root); err != nil {
					t.Error(err)
					return
				}
				looks.Add(1)
			}
		})
	}

	o := options()
	o.Keep = releases // a slow reader must find what it has begun with
	for n := 2; n <= releases; n++ {
		for before := looks.Load(); looks.Load() == before &&
			!t.Failed(); runtime.Gosched() { // a look between any two
		}
		putFiles(t, root, release(n), site(n), o)
	}

	done.Store(true)
	wg.Wait()

	if n := looks.Load(); n < releases-1 {
		t.Errorf("only %d looks", n)
	}
}

// There is no moment without a live release: nginx looks at the link for each
// request. The tree is small, to come to many changes in a short time.
func TestLinkIsAlwaysThere(t *testing.T) {
	t.Parallel()
	const releases = 150
	root := t.TempDir()
	files := map[string]tree.File{"index.json": site(1)["index.json"]}
	o := options()
	putFiles(t, root, release(1), files, o)
	var done atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		link := filepath.Join(root, disk.CurrentLink)
		for !done.Load() {
			if _, err := os.Readlink(link); err != nil {
				t.Error(err)
				return
			}
		}
	})

	for n := 2; n <= releases && !t.Failed(); n++ {
		putFiles(t, root, release(n), files, o)
	}

	done.Store(true)
	wg.Wait()
}

// look reads the live release, all of it, and compares it with its manifest.
func look(root string) error {
	live, err := filepath.EvalSymlinks(filepath.Join(root, disk.CurrentLink)) // another one may be live soon
	if err != nil {
		return err
	}

	dir, err := os.OpenRoot(live)
	if err != nil {
		return err
	}
	defer dir.Close()

	src, err := dir.ReadFile(tree.ManifestFile)
	if err != nil {
		return err
	}

	m, err := tree.ParseManifest(src, dir.ReadFile)
	if err == nil {
		err = m.Load()
	}
	if err != nil {
		return err
	}

	store, err := os.OpenRoot(filepath.Join(live, tree.StoreDir))
	if err != nil {
		return err
	}
	defer store.Close()

	for e := range forms(m) {
		from := dir
		if e.Class == tree.Immutable {
			from = store
		}
		f, err := from.Open(e.Path)
		if err != nil {
			return fmt.Errorf("release %s: %w", m.ID, err)
		}

		body, err := io.ReadAll(f)
		info, statErr := f.Stat()
		f.Close()

		switch {
		case err != nil || statErr != nil:
			return fmt.Errorf("release %s: %s: %v %v", m.ID, e.Path, err, statErr)
		case !info.ModTime().Equal(e.Time):
			return fmt.Errorf("release %s: %s is of %s", m.ID, e.Path, info.ModTime())
		}

		if !e.HasContent(body) {
			return fmt.Errorf("release %s: %s has other content than in the manifest", m.ID, e.Path)
		}
	}

	return nil
}

// A second publisher must not disturb the first.
func TestSecondPublisher(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	tried := false
	files := func(yield func(tree.File, error) bool) {
		for i, f := range list(site(2)) {
			if i == 20 { // in the middle of the work
				tried = true
				_, err := publish.Publish(context.Background(), root, release(3), all(site(3)), options())
				failed(t, err, "is locked by another build", "wait for it to end")
				if _, err := publish.Plan(context.Background(), root, release(3), all(site(3)),
					options()); err != nil {
					t.Errorf("a plan needs no lock: %v", err)
				}
			}
			if !yield(f, nil) {
				return
			}
		}
	}

	r, err := publish.Publish(context.Background(), root, release(2), files, options())
	if err != nil || !tried {
		t.Fatal(err, tried)
	}

	if got := tidy(t, root); !slices.Equal(got, []string{"r0001", "r0002"}) {
		t.Errorf("releases %q", got)
	}

	checkManifest(t, r.Dir)
	put(t, root, 3) // the lock is free again
}
