package openapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/npmtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

const root = "../.."

// silenced are the findings of linters that are not faults of this API, and why.
// All else that Spectral's oas, OWASP's rules for it and Redocly's recommended ones
// find is mended, warnings and hints too.
var silenced = []struct {
	rule string
	at   string // where, "" for everywhere
	why  string
}{
	{
		rule: "no-ambiguous-paths",
		why:  "No site, cluster or flavor is named versions: of two paths that fit, one answers.",
	},
	{
		rule: "oas3-schema", at: "externalDocs url",
		why: "OpenAPI 3.1 allows relative URLs (section 4.6), and no other is known without base_url.",
	},

	// The API is public and only reads.
	{rule: "owasp:api2:2023-read-restricted", why: "Everything is public: there is no authentication."},
	{rule: "owasp:api2:2023-write-restricted", why: "The only POST is a search, as public as that by GET."},
	{rule: "owasp:api8:2023-define-error-responses-401", why: "Without authentication nothing is a 401."},

	// An operator's proxy limits requests, all of a client together.
	{rule: "owasp:api4:2023-rate-limit", why: "No header counts what is left; a 429 has Retry-After."},

	// Answers have the values of the repository's files, and stay open for additions.
	// Requests are limited as a whole: a URL by the web server, a body to 64 KiB.
	{rule: "owasp:api4:2023-array-limit", why: "A bound in an answer would be a promise."},
	{rule: "owasp:api4:2023-integer-limit", why: "Likewise; formats say how many bits are needed."},
	{rule: "owasp:api4:2023-string-limit", why: "Likewise; no text of a request has a limit of its own."},
	{rule: "owasp:api4:2023-string-restricted", why: "Names and models are free text, lists of values are open."},

	// The document names one server: the one that serves it.
	{rule: "owasp:api9:2023-inventory-access", why: "Whether that is internal is known to its operator."},
	{rule: "owasp:api9:2023-inventory-environment", why: "Likewise whether it is for production."},

	{
		rule: "owasp:api8:2023-define-cors-origin",
		why: "Every response has it, as the description says once. As a header of each it would be a member of each " +
			"type of a generated client, and give a type more to each error.",
	},
}

// finding is what a linter finds in a document.
type finding struct{ rule, at, message string }

func TestLinters(t *testing.T) {
	t.Parallel()
	lintsSilently(t, npmtest.Modules(t, root), sampleFiles(t, build.Options{}))
}

func TestRealLinters(t *testing.T) {
	t.Parallel()
	if repo, ok := treetest.RealFlavors(t, root); ok {
		lintsSilently(t, npmtest.Modules(t, root), treetest.Files(t, treetest.Input(t, repo, "", build.Options{})))
	}
}

// lintsSilently lints the document of a tree. Findings that are silenced must be
// there.
func lintsSilently(t *testing.T, modules string, files []tree.File) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.json")
	write(t, file, documentOf(t, files))

	used := make([]bool, len(silenced))
	for _, f := range append(spectral(t, modules, file), redocly(t, modules, file)...) {
		isSilenced := false
		for i, s := range silenced {
			if s.rule == f.rule && (s.at == "" || s.at == f.at) {
				used[i], isSilenced = true, true
			}
		}
		if !isSilenced {
			t.Errorf("%s: %s: %s", f.rule, f.at, f.message)
		}
	}

	for i, s := range silenced {
		if !used[i] {
			t.Errorf("%s %s is silenced, and finds nothing", s.rule, s.at)
		}
	}
}

// A linter that finds nothing in anything proves nothing.
func TestLintersFindFaults(t *testing.T) {
	t.Parallel()
	modules := npmtest.Modules(t, root)
	file := filepath.Join(t.TempDir(), "openapi.json")
	write(t, file, []byte(`{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/{a}/":{"get":{
		"parameters":[{"name":"password","in":"query","schema":{"type":"integer"}}],
		"responses":{"200":{"description":"OK"}}}}}}`))

	found := map[string]bool{}
	for _, f := range append(spectral(t, modules, file), redocly(t, modules, file)...) {
		found[f.rule] = true
	}

	for _, rule := range []string{
		"path-params", "info-contact", // of Spectral
		"owasp:api2:2023-no-credentials-in-url", "owasp:api4:2023-integer-format",
		"operation-operationId", "operation-4xx-response", // Redocly's
	} {
		if !found[rule] {
			t.Errorf("%s finds nothing; found are %v", rule, found)
		}
	}
}

// documentOf is the OpenAPI document of a tree.
func documentOf(t *testing.T, files []tree.File) []byte {
	t.Helper()
	for _, f := range files {
		if f.Path == route.OpenAPI.File() {
			return f.Body
		}
	}
	t.Fatal("there is no OpenAPI document")
	return nil
}

// spectral runs Spectral's rules and OWASP's.
func spectral(t *testing.T, modules, file string) (all []finding) {
	t.Helper()
	rules := filepath.Join(filepath.Dir(file), "spectral.yaml")
	owasp := filepath.Join(modules, "@stoplight", "spectral-owasp-ruleset", "dist", "ruleset.mjs")
	write(t, rules, fmt.Appendf(nil, "extends: [spectral:oas, %q]\n", owasp))

	var found []struct {
		Code, Message string
		Path          []any
	}
	lint(t, modules, &found, "spectral", "lint", "--quiet", "--format", "json", "--ruleset", rules, file)

	for _, f := range found {
		all = append(all, finding{f.Code, strings.Trim(fmt.Sprint(f.Path), "[]"), f.Message})
	}
	return all
}

// redocly runs the rules that Redocly recommends.
func redocly(t *testing.T, modules, file string) (all []finding) {
	t.Helper()
	var found struct {
		Problems []struct {
			RuleID, Message string
			Location        []struct{ Pointer string }
		}
	}
	lint(t, modules, &found, "redocly", "lint", "--extends", "recommended", "--format", "json",
		"--max-problems", "100000", file)

	for _, p := range found.Problems {
		all = append(all, finding{p.RuleID, fmt.Sprint(p.Location), p.Message})
	}
	return all
}

// lint runs a linter and decodes its report. It fails where there are findings.
func lint(t *testing.T, modules string, report any, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(modules, ".bin", name), args...)
	cmd.Env = append(npmtest.Env(modules), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	cmd.Dir = filepath.Dir(args[len(args)-1])

	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if _, hasFindings := errors.AsType[*exec.ExitError](err); err != nil && !hasFindings {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, report); err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, &stderr)
	}
}
