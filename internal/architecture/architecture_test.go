// Package architecture holds docs/architecture.md against the code.
package architecture

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/chameleoncloud/refapi/"

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Imports,Deps"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}

	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// document reads the table of packages, and the list of those for tests.
func document(t *testing.T) (allowed map[string][]string, forTests []string) {
	t.Helper()
	src, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}

	allowed = map[string][]string{}
	row := regexp.MustCompile("(?m)^\\| `((?:cmd|docs|internal|templates)[^`]*)` \\| [^|]+ \\| ([^|]*) ?\\|$")
	for _, m := range row.FindAllStringSubmatch(string(src), -1) {
		imports := []string{}
		for name := range strings.SplitSeq(m[2], ",") {
			switch name = strings.TrimSpace(name); name {
			case "":
			case "docs", "templates":
				imports = append(imports, name)
			default:
				imports = append(imports, "internal/"+name)
			}
		}

		allowed[m[1]] = imports
	}

	_, rest, _ := strings.Cut(string(src), "For tests only:")
	line, _, _ := strings.Cut(rest, "\n")
	for _, m := range regexp.MustCompile("`(internal/[^`]+)`").FindAllStringSubmatch(line, -1) {
		forTests = append(forTests, m[1])
	}

	return allowed, forTests
}

func TestPackagesAreAsDocumented(t *testing.T) {
	t.Parallel()
	allowed, forTests := document(t)
	if len(allowed) < 15 || len(forTests) < 4 {
		t.Fatalf("docs/architecture.md: read %d packages and %d for tests: the table has another form",
			len(allowed), len(forTests))
	}

	seen := map[string]bool{}
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		if len(p.GoFiles) == 0 || slices.Contains(forTests, name) {
			seen[name] = true
			continue
		}

		want, ok := allowed[name]
		if !ok {
			t.Errorf("docs/architecture.md: the package %s is missing", name)
			continue
		}

		seen[name] = true
		var got []string
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, module); ok {
				got = append(got, ours)
			}
		}

		for _, i := range got {
			if slices.Contains(forTests, i) {
				t.Errorf("%s imports %s, which is for tests", name, i)
			} else if !slices.Contains(want, i) {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", name, i)
			}
		}

		for _, i := range want {
			if !slices.Contains(got, i) {
				t.Errorf("docs/architecture.md: %s does not import %s", name, i)
			}
		}
	}

	for name := range allowed {
		if !seen[name] {
			t.Errorf("docs/architecture.md: there is no package %s", name)
		}
	}

	for _, name := range forTests {
		if !seen[name] {
			t.Errorf("docs/architecture.md: there is no package %s", name)
		}
	}
}

// What turns data into files knows no clock, no disk and no network.
func TestPurePackages(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./internal/build", "./internal/route", "./internal/api", "./internal/inventory",
		"./internal/history", "./internal/change", "./internal/past", "./internal/tree") {
		for _, forbidden := range []string{"os", "net/http", "net", "math/rand", "math/rand/v2", "crypto/rand"} {
			if slices.Contains(p.Imports, forbidden) {
				t.Errorf("%s imports %s", p.ImportPath, forbidden)
			}
		}
		for _, file := range p.GoFiles {
			if calls(t, filepath.Join(p.Dir, file), "time", "Now", "Since", "Until") {
				t.Errorf("%s/%s asks for the time", p.ImportPath, file)
			}
		}
	}
}

// calls reports whether a file names one of a package's functions.
func calls(t *testing.T, file, pkg string, names ...string) bool {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}

	found := false
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg && slices.Contains(names, s.Sel.Name) {
				found = true
			}
		}
		return true
	})

	return found
}

// Packages that read or write JSON text without rawjson or api would each have
// rules of their own.
func TestImportersOfJSONText(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		switch name := strings.TrimPrefix(p.ImportPath, module); name {
		case "internal/api", "internal/rawjson":
		default:
			if slices.Contains(p.Imports, "github.com/go-json-experiment/json/jsontext") {
				t.Errorf("%s imports jsontext", name)
			}
		}
	}
}

// A program links no library that is the other's.
func TestProgramsLinkWhatTheyNeed(t *testing.T) {
	t.Parallel()
	forbidden := map[string][]string{
		"cmd/refgen":   {"github.com/gophercloud/gophercloud"},
		"cmd/availapi": {"github.com/go-git/go-git", "github.com/yuin/goldmark"},
	}
	for _, p := range list(t, "./cmd/...") {
		for _, prefix := range forbidden[strings.TrimPrefix(p.ImportPath, module)] {
			for _, dep := range p.Deps {
				if strings.HasPrefix(dep, prefix) {
					t.Errorf("%s links %s", p.ImportPath, dep)
				}
			}
		}
	}
}
