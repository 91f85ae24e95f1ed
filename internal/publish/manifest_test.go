package publish_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/publish"
)

const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func manifest(rows ...string) string {
	return `{"release":"r1","commit":"c1","files":[` + strings.Join(rows, ",") + `]}`
}

func row(path, size, sha256 string) string {
	p, _ := json.Marshal(path)
	return fmt.Sprintf(`{"path":%s,"size":%s,"sha256":"%s","modified":"2026-03-01T12:00:00Z"}`, p, size, sha256)
}

// The manifest is read back as it was written, by this package and by anyone
// with a JSON reader.
func TestManifest(t *testing.T) {
	t.Parallel()
	rel := release(3)
	rel.Dirty, rel.Shallow = true, true
	rel.Options = map[string]any{"base": "https://api.example.org/<&>"}
	r := putFiles(t, t.TempDir(), rel, site(3), options())
	src, err := os.ReadFile(filepath.Join(r.Dir, publish.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	m, err := publish.ParseManifest(src)
	if err != nil {
		t.Fatal(err)
	}
	rel.Counts = map[string]any{"nodes": float64(nodes)} // as JSON has it
	if diff := cmp.Diff(rel, m.Release); diff != "" {
		t.Errorf("the head (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(r.Manifest.Files, m.Files); diff != "" {
		t.Errorf("the files (-written +read):\n%s", diff)
	}
	if !slices.IsSortedFunc(m.Files, func(a, b publish.Entry) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not sorted")
	}
	var plain map[string]any
	if err := json.Unmarshal(src, &plain); err != nil {
		t.Fatal(err)
	}
	if got, want := sorted(plain), []string{"commit", "commit_time", "counts", "dirty", "files", "generator", "options", "release", "shallow"}; !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}
	if lines, want := strings.Count(string(src), "\n    {\"path\":"), len(m.Files); lines != want {
		t.Errorf("%d lines of files, want one for each of %d", lines, want)
	}
	if m.Lookup("index.json") == nil || m.Lookup("nothing") != nil || (*publish.Manifest)(nil).Lookup("index.json") != nil {
		t.Error("Lookup finds what is not there, or does not find what is")
	}
}

func TestHostileManifests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "unexpected EOF"},
		{"garbage", "\x00\xff", "invalid character"},
		{"array", "[]", "unmarshal JSON array"},
		{"null", "null", "it names no release or no commit"},
		{"no release", `{"commit":"c1","files":[]}`, "it names no release or no commit"},
		{"no commit", `{"release":"r1","files":[]}`, "it names no release or no commit"},
		{"files are no list", `{"release":"r1","commit":"c1","files":{}}`, "unmarshal JSON object"},
		{"time is none", `{"release":"r1","commit":"c1","files":[{"path":"a","modified":"yesterday"}]}`, "parsing time"},
		{"cut", manifest(row("a", "0", sum))[:60], "unexpected EOF"},
		{"parent", manifest(row("../a", "0", sum)), `bad path "../a"`},
		{"only parent", manifest(row("..", "0", sum)), `bad path ".."`},
		{"parent inside", manifest(row("a/../../b", "0", sum)), `bad path "a/../../b"`},
		{"absolute", manifest(row("/etc/passwd", "0", sum)), `bad path "/etc/passwd"`},
		{"no path", manifest(row("", "0", sum)), `bad path ""`},
		{"the tree itself", manifest(row(".", "0", sum)), `bad path "."`},
		{"not clean", manifest(row("a//b", "0", sum)), `bad path "a//b"`},
		{"directory", manifest(row("a/", "0", sum)), `bad path "a/"`},
		{"the manifest", manifest(row("manifest.json", "0", sum)), `bad path "manifest.json"`},
		{"not UTF-8", manifest(strings.Replace(row("aXb", "0", sum), "X", `\ud800`, 1)), "invalid surrogate pair"},
		{"twice", manifest(row("a", "0", sum), row("a", "1", sum)), `"a" stands twice or not in its order`},
		{"not sorted", manifest(row("b", "0", sum), row("a", "0", sum)), `"a" stands twice or not in its order`},
		{"negative size", manifest(row("a", "-1", sum)), `bad size or SHA-256 of "a"`},
		{"moved ahead", manifest(strings.Replace(row("a", "0", sum), "{", `{"moved":-1,`, 1)), `bad time of "a"`},
		{"size is no number", manifest(row("a", `"1"`, sum)), "unmarshal JSON string"},
		{"fractional size", manifest(row("a", "1.5", sum)), "unmarshal JSON number"},
		{"short hash", manifest(row("a", "0", sum[2:])), `bad size or SHA-256 of "a"`},
		{"no hash", manifest(row("a", "0", "")), `bad size or SHA-256 of "a"`},
		{"hash is none", manifest(row("a", "0", strings.Repeat("z", 64))), `bad size or SHA-256 of "a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := publish.ParseManifest([]byte(tt.src))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "read manifest.json: ") {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if _, err := publish.Open(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an empty directory: %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := publish.OpenDir(filepath.Join(root, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no directory: %v, want %v", err, fs.ErrNotExist)
	}
	r := put(t, root, 1)
	live, err := publish.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	// The tree stays the one that was opened.
	put(t, root, 2)
	if live.Dir != r.Dir || live.Manifest.ID != "r0001" {
		t.Errorf("the tree is now %s", live.Dir)
	}
	if other, err := publish.OpenDir(r.Dir); err != nil || !other.Live.IsZero() {
		t.Errorf("a release that is not live, since %v, %v", other.Live, err)
	} else if diff := cmp.Diff(live.Manifest, other.Manifest, cmpopts.IgnoreUnexported(publish.Manifest{})); diff != "" {
		t.Errorf("(-Open +OpenDir):\n%s", diff)
	}
	e := live.Manifest.Lookup("robots.txt")
	if err := e.CheckBody([]byte("User-agent: *\nAllow: /\n")); err != nil {
		t.Error(err)
	}
	if err := e.CheckBody([]byte("User-agent: *\nAllow: /x")); err == nil || !strings.Contains(err.Error(), "robots.txt") {
		t.Errorf("other bytes: %v", err)
	}
}

// FuzzParseManifest: whatever is accepted leads to files inside the tree only,
// and each path leads to one.
func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(manifest(row("a", "0", sum), row("b/c.json", "12", sum))))
	f.Add([]byte(manifest(row("../a", "0", sum))))
	f.Add([]byte(manifest()))
	f.Add([]byte(`{"release":"r1","commit":"c1","files":[null,{"path":"a"}],"Files":[{"path":"/x"}]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := publish.ParseManifest(src)
		if err != nil {
			return
		}
		if m.ID == "" || m.Commit == "" {
			t.Error("no release or no commit")
		}
		for i := range m.Files {
			e := &m.Files[i]
			if !filepath.IsLocal(e.Path) || !fs.ValidPath(e.Path) || e.Path == "." || e.Path == publish.ManifestFile {
				t.Errorf("accepted the path %q", e.Path)
			}
			if m.Lookup(e.Path) != e {
				t.Errorf("Lookup(%q) finds another file", e.Path)
			}
		}
	})
}
