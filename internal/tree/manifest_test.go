package tree_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/tree"
)

const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// root is a manifest with a part, and what reads it: the part for files at the top.
func root(part string) (src []byte, read func(string) ([]byte, error)) {
	digest := tree.DigestOf([]byte(part))
	return fmt.Appendf(nil, `{"release":"r1","commit":"c1","parts":[{"prefix":"root","sha256":"%s","files":1,"bytes":1}]}`, digest),
		func(string) ([]byte, error) { return []byte(part), nil }
}

func part(rows ...string) string {
	return `{"prefix":"root","files":[` + strings.Join(rows, ",") + `]}`
}

func row(path, size, sha256 string) string {
	p, _ := json.Marshal(path)
	return fmt.Sprintf(`{"path":%s,"size":%s,"sha256":"%s","modified":"2026-03-01T12:00:00Z"}`, p, size, sha256)
}

func TestHostileManifests(t *testing.T) {
	t.Parallel()
	one := func(prefix, rest string) string {
		return `{"release":"r1","commit":"c1","parts":[{"prefix":` + prefix + `,"sha256":"` + sum + `"` + rest + `}]}`
	}
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "unexpected EOF"},
		{"garbage", "\x00\xff", "invalid character"},
		{"array", "[]", "unmarshal JSON array"},
		{"null", "null", "release or commit is missing"},
		{"no release", `{"commit":"c1","parts":[]}`, "release or commit is missing"},
		{"no commit", `{"release":"r1","parts":[]}`, "release or commit is missing"},
		{"no parts", `{"release":"r1","commit":"c1","parts":[]}`, "it names no parts"},
		{"one list of files", `{"release":"r1","commit":"c1","files":[` + row("a", "0", sum) + `]}`, "it names no parts"},
		{"parts are no list", `{"release":"r1","commit":"c1","parts":{}}`, "unmarshal JSON object"},
		{"cut", one(`"root"`, "")[:60], "unexpected EOF"},
		{"outside", one(`"../x"`, ""), `bad part "../x"`},
		{"absolute", one(`"/etc"`, ""), `bad part "/etc"`},
		{"no prefix", one(`""`, ""), `bad part ""`},
		{"too deep", one(`"hardware/sites"`, ""), `bad part "hardware/sites"`},
		{"negative bytes", one(`"root"`, `,"bytes":-1`), `bad part "root"`},
		{"short hash", strings.Replace(one(`"root"`, ""), sum, sum[2:], 1), "is not a SHA-256"},
		{"twice", `{"release":"r1","commit":"c1","parts":[{"prefix":"a","sha256":"` + sum + `"},{"prefix":"a","sha256":"` +
			sum + `"}]}`, `part "a" is duplicated or out of order`},
		{"not sorted", `{"release":"r1","commit":"c1","parts":[{"prefix":"b","sha256":"` + sum + `"},{"prefix":"a","sha256":"` +
			sum + `"}]}`, `part "a" is duplicated or out of order`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tree.ParseManifest([]byte(tt.src), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.HasPrefix(err.Error(), "read manifest.json: ") {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestHostileParts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "unexpected EOF"},
		{"array", "[]", "unmarshal JSON array"},
		{"time is none", part(`{"path":"a","modified":"yesterday"}`), "parsing time"},
		{"cut", part(row("a", "0", sum))[:60], "unexpected EOF"},
		{"parent", part(row("../a", "0", sum)), `bad path "../a"`},
		{"only parent", part(row("..", "0", sum)), `bad path ".."`},
		{"parent inside", part(row("a/../../b", "0", sum)), `bad path "a/../../b"`},
		{"absolute", part(row("/etc/passwd", "0", sum)), `bad path "/etc/passwd"`},
		{"no path", part(row("", "0", sum)), `bad path ""`},
		{"the tree itself", part(row(".", "0", sum)), `bad path "."`},
		{"not clean", part(row("a//b", "0", sum)), `bad path "a//b"`},
		{"directory", part(row("a/", "0", sum)), `bad path "a/"`},
		{"the manifest", part(row("manifest.json", "0", sum)), `bad path "manifest.json"`},
		{"a part", part(row("manifest/root.json", "0", sum)), `bad path "manifest/root.json"`},
		{"in the store", part(row("immutable/a", "0", sum)), `bad path "immutable/a"`},
		{"a sidecar", part(row("a.gz", "0", sum)), `bad path "a.gz"`},
		{"not UTF-8", part(strings.Replace(row("aXb", "0", sum), "X", `\ud800`, 1)), "invalid surrogate pair"},
		{"of another part", part(row("a/b", "0", sum)), `"a/b" is of another part`},
		{"of another class", part(strings.Replace(row("a", "0", sum), "{", `{"class":"immutable",`, 1)),
			`"a" is of another part`},
		{"of no class", part(strings.Replace(row("a", "0", sum), "{", `{"class":"x",`, 1)), `"x" is not a class`},
		{"twice", part(row("a", "0", sum), row("a", "1", sum)), `"a" is duplicated or out of order`},
		{"not sorted", part(row("b", "0", sum), row("a", "0", sum)), `"a" is duplicated or out of order`},
		{"negative size", part(row("a", "-1", sum)), `bad size of "a"`},
		{"negative size of a sidecar", part(strings.Replace(row("a", "0", sum), "{",
			`{"gzip":{"size":-1,"sha256":"`+sum+`"},`, 1)), `bad size of "a"`},
		{"moved ahead", part(strings.Replace(row("a", "0", sum), "{", `{"moved":-1,`, 1)), `bad time of "a"`},
		{"size is no number", part(row("a", `"1"`, sum)), "unmarshal JSON string"},
		{"fractional size", part(row("a", "1.5", sum)), "unmarshal JSON number"},
		{"short hash", part(row("a", "0", sum[2:])), "is not a SHA-256"},
		{"no hash", part(row("a", "0", "")), "is not a SHA-256"},
		{"hash is none", part(row("a", "0", strings.Repeat("z", 64))), "is not a SHA-256"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := tree.ParseManifest(root(tt.src))
			if err != nil {
				t.Fatal(err)
			}

			_, err = m.Entries(0)
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.HasPrefix(err.Error(), "read manifest/root.json: ") {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if m.Load() == nil || m.Lookup("a") != nil {
				t.Error("a part that cannot be read has files")
			}
		})
	}
}

// A part is trusted for the digest in the root only.
func TestForgedPart(t *testing.T) {
	t.Parallel()
	src, _ := root(part(row("a", "0", sum)))
	m, err := tree.ParseManifest(src, func(string) ([]byte, error) { return []byte(part(row("a", "1", sum))), nil })
	if err != nil {
		t.Fatal(err)
	}

	want := "read manifest/root.json: it does not have the SHA-256 of manifest.json"
	if _, err := m.Entries(0); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

// A file of which nobody knows is not one that there is not, and what could not be read
// is read later.
func TestUnreadablePart(t *testing.T) {
	t.Parallel()
	src, files := root(part(row("a", "0", sum)))
	gone := true
	m, err := tree.ParseManifest(src, func(file string) ([]byte, error) {
		if gone {
			return nil, fs.ErrNotExist
		}
		return files(file)
	})
	if err != nil {
		t.Fatal(err)
	}

	if e, err := m.Find("a"); e != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an unreadable part: %v, %v", e, err)
	}

	gone = false
	if e, err := m.Find("a"); e == nil || err != nil {
		t.Errorf("of a part that is readable again: %v, %v", e, err)
	}
	for _, p := range []string{"b", "nowhere/a"} {
		if e, err := m.Find(p); e != nil || err != nil {
			t.Errorf("a file that there is not, %s: %v, %v", p, e, err)
		}
	}
}

// A part that another manifest has with the same digest is taken from there, once its file
// was found to have that digest; any other is parsed.
func TestSharedPart(t *testing.T) {
	t.Parallel()
	text := part(row("a", "1", sum))
	src, read := root(text)
	parse := func() *tree.Manifest {
		m, err := tree.ParseManifest(src, read)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}

	known := parse()
	shared := parse()
	shared.Share(known, read)
	if e := shared.Lookup("a"); e == nil || e != known.Lookup("a") {
		t.Errorf("the entry %v is not shared", e)
	}

	damaged := parse()
	damaged.Share(known, func(string) ([]byte, error) { return []byte(text[1:]), nil })
	if e, err := damaged.Find("a"); e != nil || err == nil {
		t.Errorf("a damaged part has the entry %v", e)
	}

	src, read = root(part(row("a", "2", sum)))
	other := parse()
	other.Share(known, read)
	if e := other.Lookup("a"); e == nil || e.Size != 2 {
		t.Errorf("a part with another digest has the entry %v", e)
	}
}

// FuzzParseManifest: whatever is accepted names files inside the tree only,
// and each path names one.
func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(part(row("a", "0", sum), row("c.json", "12", sum))))
	f.Add([]byte(part(row("../a", "0", sum))))
	f.Add([]byte(part()))
	f.Add([]byte(`{"prefix":"root","files":[null,{"path":"a"}],"Files":[{"path":"/x"}]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, forged := range [][]byte{src, nil} {
			manifest, read := root(string(src))
			if forged == nil {
				manifest = src
			}

			m, err := tree.ParseManifest(manifest, read)
			if err != nil {
				continue
			}

			if m.ID == "" || m.Commit == "" {
				t.Error("no release or no commit")
			}

			for e := range m.Files() {
				if !filepath.IsLocal(e.Path) || !tree.ValidPath(e.Path) {
					t.Errorf("accepted the path %q", e.Path)
				}
				if m.Lookup(e.Path) != e {
					t.Errorf("Lookup(%q) finds another file", e.Path)
				}
			}
		}
	})
}
