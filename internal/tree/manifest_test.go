package tree_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/tree"
)

const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func manifest(rows ...string) string {
	return `{"release":"r1","commit":"c1","files":[` + strings.Join(rows, ",") + `]}`
}

func row(path, size, sha256 string) string {
	p, _ := json.Marshal(path)
	return fmt.Sprintf(`{"path":%s,"size":%s,"sha256":"%s","modified":"2026-03-01T12:00:00Z"}`, p, size, sha256)
}

func TestHostileManifests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "unexpected EOF"},
		{"garbage", "\x00\xff", "invalid character"},
		{"array", "[]", "unmarshal JSON array"},
		{"null", "null", "release or commit is missing"},
		{"no release", `{"commit":"c1","files":[]}`, "release or commit is missing"},
		{"no commit", `{"release":"r1","files":[]}`, "release or commit is missing"},
		{"files are no list", `{"release":"r1","commit":"c1","files":{}}`, "unmarshal JSON object"},
		{"time is none", `{"release":"r1","commit":"c1","files":[{"path":"a","modified":"yesterday"}]}`,
			"parsing time"},
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
		{"the store", manifest(row("immutable", "0", sum)), `bad path "immutable"`},
		{"in the store", manifest(row("immutable/a", "0", sum)), `bad path "immutable/a"`},
		{"not UTF-8", manifest(strings.Replace(row("aXb", "0", sum), "X", `\ud800`, 1)), "invalid surrogate pair"},
		{"twice", manifest(row("a", "0", sum), row("a", "1", sum)), `"a" is duplicated or out of order`},
		{"not sorted", manifest(row("b", "0", sum), row("a", "0", sum)), `"a" is duplicated or out of order`},
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
			_, err := tree.ParseManifest([]byte(tt.src))
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.HasPrefix(err.Error(), "read manifest.json: ") {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

// FuzzParseManifest: whatever is accepted names files inside the tree only,
// and each path names one.
func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(manifest(row("a", "0", sum), row("b/c.json", "12", sum))))
	f.Add([]byte(manifest(row("../a", "0", sum))))
	f.Add([]byte(manifest()))
	f.Add([]byte(`{"release":"r1","commit":"c1","files":[null,{"path":"a"}],"Files":[{"path":"/x"}]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := tree.ParseManifest(src)
		if err != nil {
			return
		}

		if m.ID == "" || m.Commit == "" {
			t.Error("no release or no commit")
		}

		for i := range m.Files {
			e := &m.Files[i]
			if !filepath.IsLocal(e.Path) || !fs.ValidPath(e.Path) || e.Path == "." || e.Path == tree.ManifestFile {
				t.Errorf("accepted the path %q", e.Path)
			}
			if m.Lookup(e.Path) != e {
				t.Errorf("Lookup(%q) finds another file", e.Path)
			}
		}
	})
}
