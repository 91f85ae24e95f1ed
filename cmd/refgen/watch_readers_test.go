package main

import (
	"crypto/sha256"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// readers request paths at a rate, and remember what is answered.
type readers struct {
	address string
	ending  chan struct{}
	all     sync.WaitGroup

	mu       sync.Mutex
	requests int
	answers  map[answer]int // how often
	errors   []string
	releases int
}

// answer is all that matters of an answer.
type answer struct {
	path string
	releaseFile
}

// readFiles are the paths, each of which differs with every commit, and their files.
var readFiles = map[string]string{
	"/": "index.json", "/sites": "sites.json", "/nodes": "nodes.json", "/manifest.json": "manifest.json",
	"/versions": "versions.json", "/changes": "changes.json", "/sites.json": "sites.json",
}

// readerCount is how many connections there are.
const readerCount = 40

// startReaders starts to read at a rate, until stop.
func startReaders(t *testing.T, address string, rate int) *readers {
	t.Helper()
	r := &readers{address: "http://" + address, ending: make(chan struct{}), answers: map[answer]int{}}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readerCount, DisableCompression: true}}
	t.Cleanup(client.CloseIdleConnections)
	paths := slices.Sorted(maps.Keys(readFiles))
	turns := make(chan int)
	for range readerCount {
		r.all.Go(func() {
			for n := range turns {
				r.read(client, paths[n%len(paths)], n/len(paths)%2 == 0)
			}
		})
	}

	r.all.Go(func() {
		defer close(turns)
		began, tick := time.Now(), time.NewTicker(5*time.Millisecond)
		defer tick.Stop()
		for n := 0; ; {
			select {
			case <-r.ending:
				return
			case <-tick.C: // some are missed when the machine is busy
				for due := int(time.Since(began).Seconds() * float64(rate)); n < due; n++ {
					turns <- n
				}
			}
		}
	})
	return r
}

// read requests a path, compressed or not.
func (r *readers) read(client *http.Client, path string, compressed bool) {
	req, err := http.NewRequest(http.MethodGet, r.address+path, nil)
	if err != nil {
		panic(err) // the test is wrong
	}
	if compressed {
		req.Header.Set("Accept-Encoding", "gzip")
	}

	var a answer
	res, err := client.Do(req)
	if err == nil {
		sum := sha256.New()
		_, err = io.Copy(sum, res.Body)
		res.Body.Close()
		a = answer{path, releaseFile{res.Header.Get("ETag"), string(sum.Sum(nil))}}
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	switch {
	case err != nil:
		r.errors = append(r.errors, path+": "+err.Error())
	case res.StatusCode != http.StatusOK:
		r.errors = append(r.errors, path+": "+res.Status)
	default:
		r.answers[a]++
	}
}

// stop ends reading.
func (r *readers) stop() {
	close(r.ending)
	r.all.Wait()
}

// compare compares all answers with the files of the releases that were live: each must be
// a file as one of them has it.
func (r *readers) compare(t *testing.T, out string) {
	t.Helper()
	for _, text := range r.errors[:min(len(r.errors), 10)] {
		t.Error(text)
	}

	found := map[string]map[releaseFile]bool{}
	for path, file := range readFiles {
		found[path] = released(t, out, file)
	}
	for a, n := range r.answers {
		if !found[a.path][a.releaseFile] {
			t.Errorf("%s: %d answers with ETag %s are of no release", a.path, n, a.etag)
		}
	}

	// Readers saw the releases pass by.
	etags := map[string]bool{}
	for a := range r.answers {
		if a.path == "/manifest.json" {
			etags[a.etag] = true
		}
	}
	r.releases = len(etags)
	if r.requests == 0 || r.releases < 2 {
		t.Errorf("%d requests saw %d releases", r.requests, r.releases)
	}
}
