package main

import (
	"bufio"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// contents are the bytes of a published tree's files, with sidecars and manifest, by path.
func contents(t *testing.T, out string) map[string]string {
	t.Helper()
	live, err := disk.Open(out)
	if err != nil {
		t.Fatal(err)
	}

	forms := []tree.Form{{Path: tree.ManifestFile}}
	for i := range live.Manifest.Parts {
		forms = append(forms, tree.Form{Path: live.Manifest.Parts[i].File()})
	}
	if err := live.Manifest.Load(); err != nil {
		t.Fatal(err)
	}
	for e := range live.Manifest.Files() {
		forms = slices.AppendSeq(forms, e.Forms())
	}

	found := map[string]string{}
	for _, f := range forms {
		body, err := os.ReadFile(live.Path(f))
		if err != nil {
			t.Fatal(err)
		}
		found[f.Path] = string(body)
	}

	return found
}

// previousSite is the sample's last commit but one, published in a directory, and what a
// build of the last one makes from nothing.
func previousSite(t *testing.T) (dir string, cold map[string]string) {
	t.Helper()
	dir = t.TempDir()
	if code, text := refgen(t, "refgen build --sample --rev HEAD~1 --out "+dir); code != 0 {
		t.Fatal(text)
	}

	out := t.TempDir()
	if code, text := refgen(t, "refgen build --sample --out "+out); code != 0 {
		t.Fatal(text)
	}

	return dir, contents(t, out)
}

// A machine that has nothing but the address of the site renders what differs, takes the
// rest from there, and says which files those are.
func TestPrevious(t *testing.T) {
	t.Parallel()
	dir, cold := previousSite(t)
	before := contents(t, dir)

	var asked, rows atomic.Int64
	site := treehttp.New(filepath.Join(dir, disk.CurrentLink), treehttp.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if strings.HasSuffix(r.URL.Path, ".changes") {
			rows.Add(1)
		}
		site.ServeHTTP(w, r)
	}))
	defer server.Close()

	for name, previous := range map[string]string{"URL": server.URL, "DIR": dir} {
		out, list := t.TempDir(), filepath.Join(t.TempDir(), "changed")
		code, text := refgen(t, "refgen build --sample --out "+out+" --previous "+previous+" --changed-files "+list)
		if code != 0 || strings.Contains(text, "warning") {
			t.Fatalf("%s: %d\n%s", name, code, text)
		}

		if got := contents(t, out); !maps.Equal(got, cold) {
			t.Errorf("%s: the tree is not that of a build from nothing: %q", name, differing(cold, got))
		}

		var want []string
		for p, body := range cold {
			switch old, ok := before[p]; {
			case !ok:
				want = append(want, "A\t"+p)
			case old != body:
				want = append(want, "M\t"+p)
			}
		}
		for p := range before {
			if _, ok := cold[p]; !ok {
				want = append(want, "D\t"+p)
			}
		}

		// Files with other times and the same bytes are listed, too: their ETags change.
		got := readLines(t, list)
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%s: the list lacks %q", name, line)
			}
		}
		if len(got) >= len(cold) {
			t.Errorf("%s: the list has all %d files", name, len(got))
		}
	}

	if asked.Load() < 50 || rows.Load() == 0 {
		t.Errorf("only %d files were taken over, %d of them with changes of earlier commits", asked.Load(), rows.Load())
	}
}

func differing(a, b map[string]string) (paths []string) {
	for p := range a {
		if a[p] != b[p] {
			paths = append(paths, p)
		}
	}
	for p := range b {
		if _, ok := a[p]; !ok {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

func readLines(t *testing.T, file string) (lines []string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	in := bufio.NewScanner(f)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	return lines
}

// A previous release that is slow, endless, forged or gone is told in a sentence, and
// everything is rendered.
func TestBadPrevious(t *testing.T) {
	t.Parallel()
	dir, cold := previousSite(t)
	site := treehttp.New(filepath.Join(dir, disk.CurrentLink), treehttp.Options{})
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}

	// The manifest is the site's, so that the files are asked for.
	files := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/manifest") {
				site.ServeHTTP(w, r)
				return
			}
			answer(w, r)
		}
	}

	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{name: "no manifest", answer: http.NotFound, want: "everything is rendered: read http"},
		{name: "garbage", answer: func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("<html>")) },
			want: "everything is rendered: read manifest.json: "},
		{name: "endless manifest", answer: endless, want: "everything is rendered: "},
		{name: "hanging manifest", answer: func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			want: "everything is rendered: "},
		{name: "files gone", answer: files(http.NotFound), want: "the server responds 404"},
		{name: "endless files", answer: files(endless), want: "the earlier release is used no further: "},
		{name: "hanging files", answer: files(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
			want: "--fetch-timeout is over"},
		{name: "forged files", answer: files(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("{}")) }),
			want: "it has other bytes than the manifest says"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.answer)
			defer server.Close()

			out := t.TempDir()
			code, text := refgen(t, "refgen build --sample --fetch-timeout 2s --out "+out+" --previous "+server.URL)
			if code != 0 || strings.Count(text, "warning:") != 1 || !strings.Contains(text, tt.want) {
				t.Errorf("%d, want %q in\n%s", code, tt.want, text)
			}
			if got := contents(t, out); !maps.Equal(got, cold) {
				t.Errorf("the tree is not that of a build from nothing: %q", differing(cold, got))
			}
		})
	}

	if code, text := refgen(t, "refgen build --sample --out "+t.TempDir()+" --previous http://user@:x"); code != 2 {
		t.Errorf("a URL that is none: %d\n%s", code, text)
	}
}
