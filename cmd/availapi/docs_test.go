package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/availhttp"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/ops"
)

// section returns the part of a document from a heading to the next one that is
// not below it.
func section(t *testing.T, name, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}

	_, rest, ok := strings.Cut("\n"+string(text), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("docs/%s: the section %q is missing", name, heading)
	}

	marks, _, _ := strings.Cut(heading, " ")
	if end := regexp.MustCompile(`(?m)^#{2,` + strconv.Itoa(len(marks)) + `} `).FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}

	return rest
}

// firsts are what stands in backquotes in the first column of a section's
// tables.
func firsts(text string) (all []string) {
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(text, -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			all = append(all, m[1])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// x reports what is missing on either side.
func x(t *testing.T, where string, documented, real []string) {
	t.Helper()
	for _, name := range real {
		if !slices.Contains(documented, name) {
			t.Errorf("%s: %s is missing", where, name)
		}
	}

	for _, name := range documented {
		if !slices.Contains(real, name) {
			t.Errorf("%s: there is no %s", where, name)
		}
	}
}

func TestFlagsAreDocumented(t *testing.T) {
	t.Parallel()
	parser, err := new(flags).parser()
	if err != nil {
		t.Fatal(err)
	}

	var documented, known []string
	rows := strings.ReplaceAll(section(t, "commands.md", "## `availapi`"), `\|`, "/")
	for _, first := range firsts(rows) {
		name, _, _ := strings.Cut(first, " ")
		documented = append(documented, name)
	}

	for _, f := range parser.Model.Flags {
		if f.Help == "" {
			t.Errorf("the flag --%s has no help", f.Name)
		}
		if f.Name != "help" {
			known = append(known, "--"+f.Name)
		}
	}

	x(t, "docs/commands.md", documented, known)
}

// Every variable that is asked for, here or by what talks to clouds, is
// documented, and no other.
func TestEnvironmentIsDocumented(t *testing.T) {
	t.Parallel()
	text := section(t, "configuration.md", "## Environment")
	short, rest, _ := strings.Cut(text, "\nOf both programs")
	both, rest, _ := strings.Cut(rest, "\nOf `refgen`:")
	_, own, ok := strings.Cut(rest, "\nOf `availapi`:")
	if !ok {
		t.Fatal("docs/configuration.md: the environment of availapi is missing")
	}

	asked := map[string]bool{"HTTP_PROXY": true, "HTTPS_PROXY": true,
		"NO_PROXY": true} // by a function for either case
	file := ""
	getenv := func(name string) string {
		asked[name] = true
		if name == "OS_CLIENT_CONFIG_FILE" {
			return file
		}
		return ""
	}

	documented := firsts(both + own)
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(short, -1) {
		documented = append(documented, m[1])
	}
	for _, s := range config.Default().Settings() {
		documented = append(documented, s.Variables()[0]) // by the rule
	}

	given, err := readSetup(nil, getenv)
	if err != nil {
		t.Fatal(err)
	}

	c := *given.from.Config
	c.Availability.Sites = map[string]config.AvailabilitySite{"uc": {Own: map[string]any{"cloud": "none"}}}
	connections, err := newService(given, io.Discard, nil).open(&c)
	if err != nil {
		t.Fatal(err)
	}

	// There is no file, so each place is looked at, and the check fails.
	if _, _, err := connections[0].Check(); err == nil {
		t.Error("there is a clouds.yaml in the directory of the test")
	}

	// Where there is one, the secrets may be elsewhere.
	file = write(t, t.TempDir(), "clouds.yaml", "clouds: {}")
	if _, _, err := connections[0].Check(); err == nil {
		t.Error("an empty clouds.yaml has a cloud")
	}

	x(t, "docs/configuration.md", documented, slices.Sorted(maps.Keys(asked)))
}

func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)
	counted(t, p.address)
	get(t, p.address, "/version")
	documented := map[string]string{}

	for _, m := range regexp.MustCompile("(?m)^\\| `(refapi_[a-z_]+)` \\| ([^|]*) ?\\|").FindAllStringSubmatch(section(t, "operating.md", "### Metrics"), -1) {
		documented[m[1]] = strings.NewReplacer("`", "", " ", "").Replace(m[2])
	}

	real := map[string]string{}
	for name, samples := range scrape(t, p.address) {
		if strings.HasPrefix(name, "refapi_") {
			real[name] = strings.Join(slices.Sorted(maps.Keys(samples[0].labels)), ",")
		}
	}

	x(t, "docs/operating.md", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(real)))
	for name, labels := range real {
		got := strings.Split(documented[name], ",")
		slices.Sort(got)
		if strings.Join(got, ",") != labels {
			t.Errorf("docs/operating.md: %s has the labels %s, not %s", name, labels, documented[name])
		}
	}
}

func TestReasonsAndAddressesAreDocumented(t *testing.T) {
	t.Parallel()
	reasons := constants(t, "../../internal/availability", "Reason")
	if len(reasons) < 10 || !slices.Contains(reasons, string(availability.ReasonTLS)) {
		t.Fatalf("read only the reasons %q", reasons)
	}

	var documented []string
	for _, first := range firsts(section(t, "operating.md", "### Metrics")) {
		if !strings.HasPrefix(first, "refapi_") {
			documented = append(documented, first)
		}
	}

	x(t, "docs/operating.md, reasons", documented, reasons)
	x(t, "docs/operating.md, endpoints", firsts(section(t, "operating.md", "### Operator endpoints")),
		[]string{ops.HealthyPath, ops.ReadyPath, availhttp.ReloadPath, ops.MetricsPath})
}

// Every line of the log but those for debugging is documented, and no other.
func TestLogIsDocumented(t *testing.T) {
	t.Parallel()
	var real []string
	for _, dir := range []string{".", "../../internal/availability", "../../internal/availhttp",
		"../../internal/blazar", "../../internal/release"} {
		real = append(real, messages(t, dir)...)
	}
	x(t, "docs/operating.md, log", firsts(section(t, "operating.md", "### What the log says")), real)
}

// source parses the files of a package that are no tests.
func source(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(names), err)
	}

	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}

	return files
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// messages are the texts that a package logs, above debug.
func messages(t *testing.T, dir string) (all []string) {
	t.Helper()
	for _, f := range source(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			// A target's warning is logged as it is.
			if set, ok := n.(*ast.AssignStmt); ok {
				if field, ok := set.Lhs[0].(*ast.SelectorExpr); ok && field.Sel.Name == "Warning" {
					if message, ok := text(set.Rhs[0]); ok {
						all = append(all, message)
					}
				}
			}

			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}

			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Info", "Warn", "Error"}, method.Sel.Name) {
				return true
			}

			if message, ok := text(call.Args[0]); ok {
				all = append(all, message)
			}

			return true
		})
	}

	return all
}

// constants are the values of a package's constants of a type.
func constants(t *testing.T, dir, of string) (all []string) {
	t.Helper()
	for _, f := range source(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}

			if name, ok := spec.Type.(*ast.Ident); ok && name.Name == of {
				for _, v := range spec.Values {
					if value, ok := text(v); ok {
						all = append(all, value)
					}
				}
			}

			return true
		})
	}

	return all
}

// The command lines of the units are good, and what they name exists.
func TestUnits(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("../../etc/availapi.service")
	if err != nil {
		t.Fatal(err)
	}

	m := regexp.MustCompile(`(?m)^ExecStart=availapi (.*)$`).FindSubmatch(unit)
	if m == nil {
		t.Fatal("etc/availapi.service starts something else")
	}

	var f flags
	parser, err := f.parser()
	if err != nil {
		t.Fatal(err)
	}

	if _, err := parser.Parse(strings.Fields(string(m[1]))); err != nil {
		t.Errorf("etc/availapi.service: %v", err)
	}
	if kind := unitSetting(t, `Type=(\S+)`); kind != "notify" {
		t.Errorf("etc/availapi.service is of type %s", kind)
	}
	if f.LogFormat != "json" {
		t.Errorf("etc/availapi.service: %+v", f)
	}
}
