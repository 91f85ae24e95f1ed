package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/openapi"
)

var isReleased = flag.Bool("released", false, "keep the document as that of the newest release")

// The document of the last release. It has no examples.
const releasedFile = "testdata/released.json"

// What a client of the last release relies on stays, unless the major version is
// raised.
func TestNoBreakingChange(t *testing.T) {
	t.Parallel()
	doc := openapi.Document(openapi.Options{})
	if *isReleased {
		write(t, releasedFile, append(doc, '\n'))
		return
	}

	text, err := os.ReadFile(releasedFile)
	if err != nil {
		t.Fatal(err)
	}

	major := func(version string) string { return version[:strings.Index(version, ".")] }
	if was := decode(t, text)["info"].(object)["version"].(string); major(was) != major(openapi.Version) {
		t.Skipf("version %s may break what %s promised", openapi.Version, was)
	}

	// The last release refused less than a second, too: only its document let it be.
	const corrected = "`hours`, the min was increased from `0.00` to `0.00`"
	for _, change := range breakingChanges(t, text, doc) {
		if strings.HasSuffix(change, corrected) {
			continue
		}
		t.Errorf("this breaks clients of the last release: %s", change)
	}
}

// Made-up changes: those that break clients are found, additions are not.
func TestBreakingChangesAreFound(t *testing.T) {
	t.Parallel()
	text := openapi.Document(openapi.Options{})

	for _, tt := range []struct {
		name   string
		breaks string // words of the report, "" for none
		change func(doc object)
	}{
		{
			name: "member removed", breaks: "removed the required property `version`",
			change: func(doc object) {
				site := at(doc, "components", "schemas", "Site")
				delete(at(site, "properties"), "version")
				site["required"] = slices.DeleteFunc(site["required"].([]any), func(v any) bool { return v == "version" })
			},
		},
		{
			name: "type changed", breaks: "`type/format` changed from `integer/int64` to `string`",
			change: func(doc object) {
				properties := at(doc, "components", "schemas", "SiteCollection", "properties")
				properties["total"] = object{"type": "string"}
			},
		},
		{
			name: "may be null", breaks: "became nullable",
			change: func(doc object) {
				total := at(doc, "components", "schemas", "SiteCollection", "properties", "total")
				total["type"] = []any{"integer", "null"}
			},
		},
		{
			name: "enum value removed", breaks: "removed the enum value `flavor`",
			change: func(doc object) {
				search := at(doc, "paths", "/nodes/search", "get")
				for _, p := range search["parameters"].([]any) {
					if p := p.(object); p["name"] == "leased_by" {
						at(p, "schema")["enum"] = []any{"node"}
					}
				}
			},
		},
		{
			name: "operation removed", breaks: "API removed",
			change: func(doc object) { delete(at(doc, "paths", "/nodes/search"), "post") },
		},
		{
			name: "operation renamed", breaks: "`listSites` removed",
			change: func(doc object) { at(doc, "paths", "/sites", "get")["operationId"] = "listPlaces" },
		},
		{
			name: "schema renamed", breaks: "removed the schema `Slot`",
			change: func(doc object) {
				name := strings.NewReplacer(`/schemas/Slot"`, `/schemas/FreeSlot"`, `"Slot":`, `"FreeSlot":`)
				maps.Copy(doc, decode(t, []byte(name.Replace(string(text)))))
			},
		},
		{
			name: "parameter removed", breaks: "deleted the `query` request parameter",
			change: func(doc object) {
				search := at(doc, "paths", "/nodes/search", "get")
				search["parameters"] = search["parameters"].([]any)[1:]
			},
		},
		{
			name: "required parameter added", breaks: "added the new required `query` request parameter `zone`",
			change: func(doc object) {
				addParameter(doc, object{"name": "zone", "in": "query", "required": true, "schema": object{"type": "string"}})
			},
		},
		{
			name: "optional parameter added",
			change: func(doc object) {
				addParameter(doc, object{"name": "zone", "in": "query", "schema": object{"type": "string"}})
			},
		},
		{
			name: "members added",
			change: func(doc object) {
				site := at(doc, "components", "schemas", "Site")
				at(site, "properties")["zone"] = object{"type": "string"}
				at(site, "properties")["floor"] = object{"type": "integer"}
				site["required"] = append(site["required"].([]any), "zone")
			},
		},
		{
			name: "link added",
			change: func(doc object) {
				relation := at(doc, "components", "schemas", "LinkRelation")
				relation["x-extensible-enum"] = append(relation["x-extensible-enum"].([]any), "zone")
			},
		},
		{
			name: "operation added",
			change: func(doc object) {
				added := decode(t, text)
				zones := at(added, "paths", "/sites")
				at(zones, "get")["operationId"] = "listZones"
				at(doc, "paths")["/zones"] = zones
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc := decode(t, text)
			tt.change(doc)
			changed, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}

			got := breakingChanges(t, text, changed)
			if tt.breaks == "" && len(got) > 0 {
				t.Errorf("an addition is taken for a breaking change: %q", got)
			}
			if !strings.Contains(strings.Join(got, "\n"), tt.breaks) {
				t.Errorf("found are %q, want %q", got, tt.breaks)
			}
		})
	}
}

// breakingChanges lists what in a document breaks clients of an older one.
func breakingChanges(t *testing.T, older, newer []byte) (all []string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "older.json"), older)
	write(t, filepath.Join(dir, "newer.json"), newer)

	cmd := exec.CommandContext(t.Context(), "go", "tool", "oasdiff", "breaking", "--format", "json",
		"--severity-levels", "severity.txt", filepath.Join(dir, "older.json"), filepath.Join(dir, "newer.json"))
	cmd.Dir = filepath.Join("testdata", "oasdiff")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, &stderr)
	}

	var changes []struct{ Operation, Path, Text string }
	if err := json.Unmarshal(out, &changes); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	for _, c := range changes {
		all = append(all, strings.TrimSpace(c.Operation+" "+c.Path+" "+c.Text))
	}
	return all
}

func decode(t *testing.T, text []byte) (doc object) {
	t.Helper()
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at goes down through members, which must be there.
func at(o object, names ...string) object {
	for _, name := range names {
		o = o[name].(object)
	}
	return o
}

func addParameter(doc, parameter object) {
	search := at(doc, "paths", "/nodes/search", "get")
	search["parameters"] = append(search["parameters"].([]any), parameter)
}
