// Package released has what was released, as CHANGELOG.md lists it, and keeps lists of
// what released outputs are, which no later change may touch.
package released

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Release is a released version of the programs.
type Release struct {
	Version  string
	Date     string // RFC 3339, without a time
	Commit   string // the full hash
	Contract string // the version of the OpenAPI document
}

// heading begins the changes of a release.
var heading = regexp.MustCompile("(?m)^## (\\S+), (\\d{4}-\\d\\d-\\d\\d)\n\nCommit `([0-9a-f]{40})`, contract (\\S+?)\\.? ")

// All returns the releases that the changelog lists, newest first.
func All(t testing.TB) (all []Release) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}

	for _, m := range heading.FindAllSubmatch(text, -1) {
		all = append(all, Release{string(m[1]), string(m[2]), string(m[3]), string(m[4])})
	}
	if headings := bytes.Count(text, []byte("\n## ")); len(all) == 0 || len(all) != headings-1 {
		t.Fatalf("CHANGELOG.md: %d of %d headings are those of releases: all but Unreleased should be, as\n%s",
			len(all), headings, heading)
	}
	return all
}

// Root returns the project's directory.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}

	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Check compares an output with the one that a release pinned under the same key, its
// version or revision, in a file of lines "KEY SHA-256 RELEASE…". What was not released
// yet may change freely. With pin it is noted as that of the newest release.
func Check(t testing.TB, file, key, sum string, pin bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	releases := All(t)
	if text = check(t, text, key, sum, releases, pin); pin {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// A release whose outputs are not pinned could be changed in silence.
	for _, r := range releases {
		if !slices.Contains(strings.Fields(string(text)), r.Version) {
			t.Errorf("%s: release %s is missing: run its test with -released in the commit of the release", file, r.Version)
		}
	}
}

// check is [Check] of a file's text. With pin it returns the new one.
func check(t testing.TB, text []byte, key, sum string, releases []Release, pin bool) []byte {
	t.Helper()
	lines, newest := slices.Collect(strings.Lines(string(text))), releases[0].Version
	for i, line := range lines {
		f := strings.Fields(line)
		if len(f) < 3 {
			t.Fatalf("cannot read the line %q", line)
		}
		if f[0] != key {
			continue
		}

		if f[1] != sum {
			t.Errorf("this is not what release %s has as %s: raise the number, see CONTRIBUTING.md", f[len(f)-1], key)
		} else if pin && !slices.Contains(f[2:], newest) {
			lines[i] = strings.Join(append(f, newest), " ") + "\n"
		}
		return []byte(strings.Join(lines, ""))
	}

	if pin {
		lines = append(lines, fmt.Sprintf("%s %s %s\n", key, sum, newest))
	}
	return []byte(strings.Join(lines, ""))
}
