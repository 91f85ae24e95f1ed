package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Nothing of a file that a force-push took out of the history can be reached through the
// live release: not in its own files, its store or the packs of the past, whatever other
// releases are kept.
func TestForcePushForgets(t *testing.T) {
	t.Parallel()
	const secret = "correct-horse-battery"
	r := newRig(t, 1)
	publish := func() {
		t.Helper()
		if code, text := r.build(r.out, "--keep", "3"); code != 0 {
			t.Fatal(text)
		}
	}
	publish()

	r.write("sites/s1/clusters/c1/nodes/n9.json",
		`{"uid": "n9", "type": "node", "node_name": "n9", "note": "`+strings.Repeat(secret+" ", 200)+`"}`)
	r.commit("add a node")
	publish()

	// The search finds it in each form.
	found := reachable(t, r.out, secret)
	for _, suffix := range []string{".json", ".gz", ".html", ".pack"} {
		if !slices.ContainsFunc(found, func(p string) bool { return strings.HasSuffix(p, suffix) }) {
			t.Errorf("before, no file with %s has the secret: %q", suffix, found)
		}
	}

	r.git("reset", "--quiet", "--hard", "HEAD~1")
	r.write("sites/s1/clusters/c1/nodes/n8.json", `{"uid": "n8", "type": "node", "node_name": "n8"}`)
	r.commit("add another node")
	publish()
	if found := reachable(t, r.out, secret); len(found) > 0 {
		t.Errorf("these files have the secret: %q", found)
	}
}

// The same for a bad commit whose release is taken back: what it added to the store that both
// releases share is not found any more.
func TestRollbackForgets(t *testing.T) {
	t.Parallel()
	const secret = "correct-horse-battery"
	r := newRig(t, 1)
	if code, text := r.build(r.out); code != 0 {
		t.Fatal(text)
	}
	r.write("sites/s1/clusters/c1/nodes/n9.json",
		`{"uid": "n9", "type": "node", "node_name": "n9", "note": "`+strings.Repeat(secret+" ", 200)+`"}`)
	r.commit("add a node")
	if code, text := r.build(r.out); code != 0 {
		t.Fatal(text)
	}
	if len(reachable(t, r.out, secret)) == 0 {
		t.Fatal("before, no file has the secret")
	}

	var out bytes.Buffer
	if code := run(t.Context(), []string{"rollback", "--out", r.out}, &out, &out, func(string) string { return "" }); code != 0 {
		t.Fatal(out.String())
	}
	if found := reachable(t, r.out, secret); len(found) > 0 {
		t.Errorf("these files have the secret: %q", found)
	}
}

// reachable returns the files below the link to the live release, and what this links to,
// that have a text, compressed or not.
func reachable(t *testing.T, out, text string) (found []string) {
	t.Helper()
	for p, body := range readLive(t, out) {
		if bytes.Contains(body, []byte(text)) {
			found = append(found, p)
		}
	}
	slices.Sort(found)
	return found
}

// readLive returns the files below the link to the live release, and what this links to,
// unpacked, one after the other: all together are many times as large as the site. The
// texts in packs come last, at once.
func readLive(t *testing.T, out string) iter.Seq2[string, []byte] {
	t.Helper()
	return func(yield func(string, []byte) bool) {
		packs := map[string][]byte{}
		current := filepath.Join(out, disk.CurrentLink)
		for _, dir := range []string{"", "immutable"} {
			for _, p := range filesBelow(t, filepath.Join(current, dir)) {
				p = filepath.Join(dir, p)
				body, err := os.ReadFile(filepath.Join(current, p))
				if err != nil {
					t.Fatal(err)
				}
				if filepath.Ext(p) == past.PackSuffix {
					packs[p] = unpacked(t, p, body)
				} else if !yield(p, unpacked(t, p, body)) {
					return
				}
			}
		}

		// The longest segment is the oldest, which the others need.
		length := func(p string) int {
			n, _ := strconv.Atoi(strings.TrimSuffix(p[strings.LastIndexByte(p, '-')+1:], past.PackSuffix))
			return n
		}
		repo := gittest.Init(t, "--bare")
		for _, p := range slices.SortedFunc(maps.Keys(packs), func(a, b string) int { return length(b) - length(a) }) {
			repo.Feed(string(packs[p]), "unpack-objects", "-q")
		}
		yield("all"+past.PackSuffix, []byte(repo.Git("cat-file", "--batch-all-objects", "--batch")))
	}
}

// unpacked returns what is in a file that may be compressed.
func unpacked(t *testing.T, name string, body []byte) []byte {
	t.Helper()
	var content io.Reader = bytes.NewReader(body)
	switch filepath.Ext(name) {
	case ".gz":
		z, err := gzip.NewReader(content)
		if err != nil {
			t.Fatal(err)
		}
		content = z
	case ".br":
		content = brotli.NewReader(content)
	}

	body, err := io.ReadAll(content)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return body
}
