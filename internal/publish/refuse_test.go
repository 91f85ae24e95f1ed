package publish_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// refusal is one reason not to publish. Plan must see it as well, unless it
// shows only while files are written.
type refusal struct {
	name         string
	change       func(files map[string]tree.File, o *publish.Options)
	text, advice string
	force        bool // --force publishes it all the same
}

func isNode(p string) bool {
	return strings.HasPrefix(p, "sites/s/nodes/") && strings.HasSuffix(p, ".json")
}

// without removes the first nodes, and counts the limit on what may vanish.
func without(n, limit int) func(map[string]tree.File, *publish.Options) {
	return func(files map[string]tree.File, o *publish.Options) {
		for i := range n {
			delete(files, fmt.Sprintf("sites/s/nodes/n%02d.json", i))
		}
		o.IsResource, o.MaxDeletes = isNode, limit
	}
}

func targets(list ...string) func(map[string]tree.File, *publish.Options) {
	return func(files map[string]tree.File, o *publish.Options) {
		for _, p := range []string{"index.json", "sites.json"} {
			f := files[p]
			f.Links = list
			files[p] = f
		}
		o.Target = func(link string) string { return link }
	}
}

// swap changes the bytes of a file of the live release, and neither length nor
// time.
func swap(p string) func(map[string]tree.File, *publish.Options) {
	return func(files map[string]tree.File, _ *publish.Options) {
		f := files[p]
		f.Body = []byte(strings.ToUpper(string(f.Body)))
		files[p] = f
	}
}

var refusals = []refusal{
	{
		name:   "more vanish than may",
		change: without(3, 2),
		text:   "3 of 30 resources would vanish, for example sites/s/nodes/n00.json; the limit is 2",
		advice: "--max-deletes 3",
		force:  true,
	},
	{
		name:   "one vanishes, none may",
		change: without(1, 0),
		text:   "1 of 30 resources would vanish, for example sites/s/nodes/n00.json; the limit is 0",
		advice: "--max-deletes 1",
		force:  true,
	},
	{
		name:   "more vanish than usual",
		change: without(21, -1),
		text:   "21 of 30 resources would vanish, for example sites/s/nodes/n00.json; the limit is 20",
		advice: "--max-deletes 21",
		force:  true,
	},
	{
		name:   "link to nowhere",
		change: targets("sites.json", "no/where.json"),
		text:   "check the release: index.json links to no/where.json, which does not exist",
	},
	{
		name:   "link to a directory",
		change: targets("sites"),
		text:   "check the release: index.json links to sites, which does not exist",
	},
	{
		name:   "several links to nowhere",
		change: targets("b.json", "a.json"),
		text:   "check the release: index.json links to a.json, which does not exist (2 such links)",
	},
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			put(t, root, 1)
			before := snapshot(t, root)
			files, o := site(1), options()
			tt.change(files, &o)
			_, err := publish.Publish(t.Context(), root, release(2), all(files), o)
			failed(t, err, tt.text, tt.advice)
			_, planErr := publish.Plan(t.Context(), root, release(2), all(files), o)
			failed(t, planErr, tt.text, tt.advice)

			if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
				t.Errorf("the refusal changed something:\n%s", diff)
			}

			o.Force = true
			_, planErr = publish.Plan(t.Context(), root, release(2), all(files), o)
			_, err = publish.Publish(t.Context(), root, release(2), all(files), o)
			if (err == nil) != tt.force || (planErr == nil) != tt.force {
				t.Errorf("with force: %v, plan: %v", err, planErr)
			}
		})
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(map[string]tree.File, *publish.Options)
	}{
		{"as many vanish as may", without(3, 3)},
		{"as many vanish as is usual", without(20, -1)},
		{"nothing is a resource", func(files map[string]tree.File, o *publish.Options) {
			maps.DeleteFunc(files, func(p string, _ tree.File) bool { return isNode(p) })
			o.MaxDeletes = 0
		}},
		{"links to what is there", targets("sites.json", "sites.json", "assets/logo.png", "robots.txt")},
		{"other bytes at another time", func(files map[string]tree.File, o *publish.Options) {
			swap("robots.txt")(files, o)
			f := files["robots.txt"]
			f.Time = commitTime(2)
			files["robots.txt"] = f
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			put(t, root, 1)
			files, o := site(1), options()
			tt.change(files, &o)

			if _, err := publish.Plan(t.Context(), root, release(2), all(files), o); err != nil {
				t.Error(err)
			}

			checkManifest(t, putFiles(t, root, release(2), files, o).Dir)
		})
	}
}

// On a larger testbed a tenth may vanish.
func TestATenthMayVanish(t *testing.T) {
	t.Parallel()
	files := map[string]tree.File{}
	for i := range 300 {
		p := fmt.Sprintf("sites/s/nodes/n%03d.json", i)
		files[p] = tree.File{Path: p, Body: []byte("{}"), Time: commitTime(1)}
	}

	root := t.TempDir()
	o := options()
	o.IsResource = isNode
	putFiles(t, root, release(1), files, o)
	drop := func(n int) map[string]tree.File {
		fewer := maps.Clone(files)
		for _, p := range sorted(files)[:n] {
			delete(fewer, p)
		}
		return fewer
	}

	_, err := publish.Publish(t.Context(), root, release(2), all(drop(31)), o)
	failed(t, err, "31 of 300 resources would vanish, for example sites/s/nodes/n000.json; the limit is 30",
		"--max-deletes 31")
	putFiles(t, root, release(2), drop(30), o)
}

// A generator that fails leaves nothing.
func TestGeneratorFails(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put(t, root, 1)
	before := snapshot(t, root)
	broken := errors.New("a page has no title")
	files := func(yield func(tree.File, error) bool) {
		for _, f := range list(site(2))[:20] {
			if !yield(f, nil) {
				return
			}
		}
		yield(tree.File{}, broken)
	}
	if _, err := publish.Publish(t.Context(), root, release(2), files, options()); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	if _, err := publish.Plan(t.Context(), root, release(2), files, options()); !errors.Is(err, broken) {
		t.Errorf("planned: error %v, want %v", err, broken)
	}

	unchanged(t, root, before)
}

// What cannot be written, or is not to be, leaves nothing.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	extra := func(paths ...string) func() []tree.File {
		return func() []tree.File {
			files := list(site(2))
			for i, p := range paths {
				files = slices.Insert(files, len(files)/2+i,
					tree.File{Path: p, Body: []byte("x"), Time: commitTime(2)})
			}
			return files
		}
	}
	for _, tt := range []struct {
		name  string
		files func() []tree.File
		text  string
	}{
		{"no files", func() []tree.File { return nil }, "it has no files"},
		{"one path twice", extra("twice.json", "twice.json"), "write twice.json: another file has this path"},
		{"one path twice, of the last release", extra("robots.txt"), "write robots.txt: another file has this path"},
		{"a file through which a path leads", extra("a", "a/b.json"),
			"another file has this path, or a path below it"},
		{"out of the tree", extra("../../escaped.json"),
			"write ../../escaped.json: the path does not name a file of a release"},
		{"absolute", extra("/tmp/escaped.json"),
			"write /tmp/escaped.json: the path does not name a file of a release"},
		{"empty path", extra(""), "write : the path does not name a file of a release"},
		{"not clean", extra("a//b.json"), "write a//b.json: the path does not name"},
		{"the manifest", extra("manifest.json"), "write manifest.json: the path does not name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			put(t, root, 1)
			before := snapshot(t, root)
			_, err := publish.Publish(t.Context(), root, release(2), each(tt.files()), options())
			failed(t, err, tt.text, "")
			_, err = publish.Plan(t.Context(), root, release(2), each(tt.files()), options())
			failed(t, err, tt.text, "")
			unchanged(t, root, before)
		})
	}

	for _, id := range []string{"", "..", ".", "a/b", "../x", "x.tmp", "manifest.json"} {
		root := t.TempDir()
		rel := release(1)
		rel.ID = id
		_, err := publish.Publish(t.Context(), root, rel, all(site(1)), options())
		failed(t, err, fmt.Sprintf("publish release %q", id), "")
		if got := names(t, root); len(got) > 0 {
			t.Errorf("id %q: the output directory holds %q", id, got)
		}
	}
}

// unchanged fails the test if anything but the directories' own times differs.
func unchanged(t *testing.T, root string, before map[string]onDisk) {
	t.Helper()
	tidy(t, root)
	if diff := cmp.Diff(before, snapshot(t, root), cmp.AllowUnexported(onDisk{})); diff != "" {
		t.Errorf("something has changed:\n%s", diff)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"file", "check", "sync", "activate"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			put(t, root, 1)
			before := snapshot(t, root)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			o := options()
			o.Phase = func(name string) {
				if name == at {
					cancel()
				}
			}

			files := func(yield func(tree.File, error) bool) {
				for i, f := range list(site(2)) {
					if i == 10 && at == "file" {
						cancel()
					}
					if !yield(f, nil) {
						return
					}
				}
			}
			if _, err := publish.Publish(ctx, root, release(2), files, o); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want %v", err, context.Canceled)
			}

			unchanged(t, root, before)
			put(t, root, 2)
		})
	}
}
