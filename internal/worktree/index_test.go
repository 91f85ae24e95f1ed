package worktree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// FuzzIndex reads damaged indexes. What is read has paths and the number of
// entries that git says; all else is an error.
func FuzzIndex(f *testing.F) {
	r := gittest.Init(f)
	for _, name := range []string{"a", "a b/c.json", "a b/d.json", "z/" + strings.Repeat("long/", 40) + "x"} {
		r.Write(name, name)
	}

	r.Commit("all")
	r.Git("update-index", "--skip-worktree", "a")

	for _, version := range []string{"3", "4", "2"} {
		r.Git("update-index", "--index-version", version)
		data, err := os.ReadFile(filepath.Join(r.Dir, ".git", "index"))
		if err != nil {
			f.Fatal(err)
		}

		entries, err := parseIndex(data)
		if err != nil || len(entries) != 4 || entries[0].path != "a" || !entries[0].skip ||
			entries[2].path != "a b/d.json" {
			f.Fatalf("version %s is read as %+v, %v", version, entries, err)
		}

		f.Add(data)
	}

	f.Add([]byte("DIRC"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parseIndex(data)
		if err != nil {
			return
		}
		for _, e := range entries {
			if strings.Contains(e.path, "\x00") {
				t.Errorf("the path %q has a NUL", e.path)
			}
		}
	})
}

// FuzzRules reads patterns of any form.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{"*.json", "/a/**/b", "[!a-c]?\\*", "[[:alpha:]", "[z-a]", "!x/",
		"\"q\\\"\" -text eol=lf !a", "[attr]m m a=b"} {
		f.Add(seed, "a/b.json")
	}
	f.Fuzz(func(_ *testing.T, rules, name string) {
		for _, p := range parseIgnore([]byte(rules), "a") {
			p.matches(name, false)
		}

		a := attributes{}
		for _, line := range parseAttributes([]byte(rules), ".") {
			if line.pattern == nil || line.matches(name, false) {
				a.apply(line.items, map[string][]string{"m": line.items})
			}
		}
	})
}
