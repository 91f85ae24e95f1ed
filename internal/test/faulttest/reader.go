package faulttest

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// Request is a GET of a path, in an encoding.
type Request struct{ Path, Accept string }

var encodings = []string{"", "gzip", "br"}

// Answer is what a server says to a request, as far as releases differ in it.
type Answer struct {
	Status                   int
	ETag, Modified, Encoding string
	Body                     [sha256.Size]byte
}

// Reader is a client that knows every answer of some releases.
type Reader struct {
	requests []Request
	answers  map[string]map[Request]Answer // by the name of a release
	manifest map[Answer]string             // the names, by the answer that has the manifest
	shared   map[string]bool               // paths of files that releases share

	Asked atomic.Int64 // answers that were checked
	Ahead atomic.Int64 // of these, those with an immutable file of the release that comes next
}

var askManifest = Request{Path: "/" + tree.ManifestFile}

// NewReader learns the answers of output directories, by names. Where nothing is
// published, all are that the service is not there yet.
func NewReader(roots map[string]string) (*Reader, error) {
	r := &Reader{answers: map[string]map[Request]Answer{}, manifest: map[Answer]string{}, shared: map[string]bool{}}
	paths := map[string]bool{askManifest.Path: true}
	for _, root := range roots {
		live, err := disk.Open(root)
		if err != nil {
			continue // nothing is published
		}
		if err := live.Manifest.Load(); err != nil {
			return nil, err
		}
		for e := range live.Manifest.Files() {
			paths[urlOf(e.Path)] = true
			r.shared[urlOf(e.Path)] = r.shared[urlOf(e.Path)] || e.Class == tree.Immutable
		}
		for i := range live.Manifest.Parts {
			paths["/"+live.Manifest.Parts[i].File()] = true
		}
	}

	for p := range paths {
		for _, accept := range encodings {
			r.requests = append(r.requests, Request{p, accept})
		}
	}
	slices.SortFunc(r.requests, func(a, b Request) int { return strings.Compare(a.Path+a.Accept, b.Path+b.Accept) })

	for name, root := range roots {
		known := map[Request]Answer{}
		for _, q := range r.requests {
			known[q] = ask(root, q)
		}
		r.answers[name] = known
		r.manifest[known[askManifest]] = name
	}

	return r, nil
}

// urlOf is the path under which a file is served.
func urlOf(file string) string {
	switch {
	case file == "index.json":
		return "/"
	case strings.HasSuffix(file, "/index.html"):
		return "/" + strings.TrimSuffix(file, "/index.html")
	}
	return "/" + file
}

// ask gets an answer from an output directory.
func ask(root string, q Request) Answer {
	in := httptest.NewRequest(http.MethodGet, q.Path, nil)
	if q.Accept != "" {
		in.Header.Set("Accept-Encoding", q.Accept)
	}
	out := httptest.NewRecorder()
	treehttp.New(filepath.Join(root, disk.CurrentLink), treehttp.Options{}).ServeHTTP(out, in)
	res := out.Result()
	body, _ := io.ReadAll(res.Body) // it is in memory
	return Answer{
		Status: res.StatusCode, ETag: res.Header.Get("ETag"), Modified: res.Header.Get("Last-Modified"),
		Encoding: res.Header.Get("Content-Encoding"), Body: sha256.Sum256(body),
	}
}

// Live gets all answers of an output directory that nothing changes meanwhile, and
// returns the name of the release that all of them are of.
func (r *Reader) Live(root string) (string, error) {
	name, ok := r.manifest[ask(root, askManifest)]
	if !ok {
		return "", fmt.Errorf("the manifest is of no release: %+v", ask(root, askManifest))
	}
	for _, q := range r.requests {
		if err := r.judge(name, q, ask(root, q)); err != nil {
			return name, err
		}
	}
	return name, nil
}

// Serves checks by the manifest alone that a release is live: where its files are compared,
// their answers need not be.
func (r *Reader) Serves(root, name string) error {
	r.Asked.Add(1)
	if got := r.manifest[ask(root, askManifest)]; got != name {
		return fmt.Errorf("the release that is live is %q, want %q", got, name)
	}
	return nil
}

// judge compares an answer with that of a release.
func (r *Reader) judge(name string, q Request, got Answer) error {
	r.Asked.Add(1)
	want := r.answers[name][q]
	switch {
	case got == want:
		return nil
	case want.Status >= http.StatusBadRequest && r.isShared(q.Path, got):
		r.Ahead.Add(1)
		return nil
	}
	return fmt.Errorf("release %q: %s (%q): got %+v, want %+v", name, q.Path, q.Accept, got, want)
}

// isShared reports whether an answer is an immutable file of some release. It may be there
// before that release is live, and its compressed forms a moment later: nothing links to
// it yet, and its bytes can be no others.
func (r *Reader) isShared(path string, got Answer) bool {
	for _, known := range r.answers {
		for _, accept := range encodings {
			if r.shared[path] && got.Status == http.StatusOK && known[Request{path, accept}] == got {
				return true
			}
		}
	}
	return false
}

// Watch asks at random until stop is closed: each answer is of one release, and of the
// one whose manifest is served before and after it. It leaves time for what it watches.
func (r *Reader) Watch(root string, random *rand.Rand, stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		case <-time.After(200 * time.Microsecond):
		}

		before := r.manifest[ask(root, askManifest)]
		q := r.requests[random.IntN(len(r.requests))]
		got := ask(root, q)
		if after, known := r.manifest[ask(root, askManifest)]; known && after == before {
			if err := r.judge(before, q, got); err != nil {
				return err
			}
			continue
		}

		r.Asked.Add(1)
		isOf := func(known map[Request]Answer) bool { return known[q] == got }
		if !anyOf(r.answers, isOf) && !r.isShared(q.Path, got) {
			return fmt.Errorf("%s (%q) is of no release: %+v", q.Path, q.Accept, got)
		}
	}
}

func anyOf[K comparable, V any](m map[K]V, ok func(V) bool) bool {
	for _, v := range m {
		if ok(v) {
			return true
		}
	}
	return false
}
