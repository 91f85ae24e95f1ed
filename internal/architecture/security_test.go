package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namedTest is a test in docs/security.md, with its package.
var namedTest = regexp.MustCompile("`((?:cmd|internal)/[a-z0-9/]+) ((?:Test|Fuzz)[A-Za-z0-9]+)`")

// Each line of the threat model names tests, and all of them exist.
func TestThreatModel(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}

	model, _, _ := strings.Cut(string(src), "## What a crash leaves")
	rows := 0
	for line := range strings.Lines(model) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| threat |") {
			continue
		}

		rows++
		named := namedTest.FindAllStringSubmatch(line, -1)
		if len(named) == 0 {
			t.Errorf("no test: %s", line)
		}
		for _, m := range named {
			if !hasTest(t, m[1], m[2]) {
				t.Errorf("%s has no %s", m[1], m[2])
			}
		}
	}

	if rows < 20 {
		t.Errorf("only %d lines were found", rows)
	}
}

// hasTest reports whether a package has a test.
func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(src), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
