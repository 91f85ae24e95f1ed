package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/test/faulttest"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// faultRig is a repository behind a network that fails, and what was built of its first
// commit before it got a second one.
type faultRig struct {
	*rig
	network faulttest.Network
	url     string // of the repository
	first   string // its first commit
	base    string // a directory with a clone and an output directory, of the first commit
	done    string // the same of the second
}

func newFaultRig(t *testing.T) *faultRig {
	t.Helper()
	f := &faultRig{rig: newRig(t, 1), base: t.TempDir(), done: t.TempDir()}
	server := httptest.NewUnstartedServer(gittest.Backend(t, f.dir))
	server.Listener = f.network.Listen(server.Listener)
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	t.Cleanup(server.Close)
	f.url = server.URL + "/.git"

	f.first = f.git("rev-parse", "HEAD")
	f.must(f.build("build")(durable.OS{}, f.base))
	f.write("sites/s1/clusters/c1/nodes/n1.json", `{"uid": "n1", "type": "node", "changed": true}`)
	f.commit("another")
	f.must(f.build("build")(durable.OS{}, f.done))
	return f
}

func (f *faultRig) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// build returns what runs a command of refgen on a directory.
func (f *faultRig) build(line string) func(durable.FS, string) error {
	args := strings.Fields(line)
	return func(fsys durable.FS, dir string) error {
		timeout := "1m"
		if f.network.Kind() == faulttest.Stall {
			timeout = "500ms"
		}
		all := append([]string{"--config", f.config, args[0], "--out", filepath.Join(dir, faulttest.Public)}, args[1:]...)
		if args[0] == "build" {
			all = append(all, "--repo", f.url, "--jobs", "1", "--fetch-timeout", timeout)
		}

		var printed bytes.Buffer
		getenv := func(key string) string {
			return map[string]string{"CACHE_DIRECTORY": filepath.Join(dir, "cache")}[key]
		}
		if code := runAt(f.Context(), all, &printed, &printed, getenv, func() time.Time { return f.now }, fsys); code != 0 {
			return errors.New(printed.String())
		}
		return nil
	}
}

// withoutClone returns a directory with the first release, and nothing else.
func (f *faultRig) withoutClone() string {
	f.Helper()
	dir := f.TempDir()
	f.must(faulttest.Copy(filepath.Join(f.base, faulttest.Public), filepath.Join(dir, faulttest.Public)))
	return dir
}

// scenario is the work of a command between two releases.
func (f *faultRig) scenario(name string, run func(durable.FS, string) error) faulttest.Scenario {
	return faulttest.Scenario{Name: name, Base: f.base, Done: f.done, Run: run, Live: saysLive, Left: leftOfFetch}
}

// saysLive knows the error of a release that went live and may not survive a power failure.
func saysLive(err error) bool { return strings.Contains(err.Error(), "the release is live") }

// leftOfFetch returns what a fetch has left next to its clone, and that there is none.
func leftOfFetch(dir string) (left []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, "cache", "refgen"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".git" && ext != ".lock" {
			left = append(left, "cache/"+e.Name())
		}
	}
	return left, nil
}

// Whatever fails in a build, from the fetch to the end, and wherever the program ends or the
// network is cut off, says nothing more, or trickles: the live release stays whole, and the
// next build goes through.
func TestFaults(t *testing.T) {
	t.Parallel()
	f := newFaultRig(t)
	kinds, network := []faulttest.Kind{faulttest.Kill}, []faulttest.Kind{faulttest.Cut}
	files, site := faulttest.Some(1), faulttest.Some(1)
	if faulttest.All() {
		kinds, network = faulttest.Kinds, append(network, faulttest.Slow, faulttest.Stall)
		files.Most, site.Most = 20, 10
		f.network.Piece = 64
	}

	fetch := f.scenario("refgen build: fetch", f.build("build"))
	fetch.Only = func(op faulttest.Op) bool { return !strings.HasPrefix(op.Path, faulttest.Public) }
	faulttest.Report(t, faulttest.Enumerate(t, fetch, kinds, faulttest.Some(1)))
	faulttest.Report(t, faulttest.Break(t, fetch, &f.network, network, faulttest.Some(1)))
	if faulttest.All() {
		clone := f.scenario("refgen build: clone", f.build("build"))
		clone.Base, clone.Only = f.withoutClone(), fetch.Only
		faulttest.Report(t, faulttest.Enumerate(t, clone, kinds, faulttest.Some(1)))
		faulttest.Report(t, faulttest.Break(t, clone, &f.network, network, faulttest.Some(1)))
	}

	// Only some operations fail here: files are published one like the other, and a build
	// takes a second. internal/publish lets all of them fail, with fewer files.
	publish := f.scenario("refgen build: publish", f.build("build"))
	publish.Only = func(op faulttest.Op) bool { return strings.HasPrefix(op.Path, faulttest.Public) }
	faulttest.Report(t, faulttest.Enumerate(t, publish, kinds, files))
	faulttest.Report(t, f.breakPrevious(t, network, site))
}

// breakPrevious builds with a release elsewhere, whose network fails at some of its
// pieces, which are one file after the other. It is a convenience: a build goes through
// without it.
func (f *faultRig) breakPrevious(t *testing.T, kinds []faulttest.Kind, o faulttest.Options) []faulttest.Row {
	t.Helper()
	var site faulttest.Network
	server := httptest.NewUnstartedServer(treehttp.New(filepath.Join(f.base, faulttest.Public, disk.CurrentLink),
		treehttp.Options{}))
	server.Listener = site.Listen(server.Listener)
	server.Start()
	t.Cleanup(server.Close)

	empty := t.TempDir()
	f.must(os.Mkdir(filepath.Join(empty, faulttest.Public), 0o755))
	s := faulttest.Scenario{Name: "refgen build --previous", Base: empty, Done: f.done, Left: leftOfFetch}
	s.Run = func(fsys durable.FS, dir string) error {
		f.network.Reset(site.Kind(), -1) // for the time limit
		return f.build("build --previous "+server.URL)(fsys, dir)
	}
	return faulttest.Break(t, s, &site, kinds, o)
}
