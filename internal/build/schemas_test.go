package build_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/npmtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// Every schema that is published compiles by itself, and what it describes
// passes.
func TestSchemas(t *testing.T) {
	t.Parallel()
	all := sampleBodies(t, build.Options{URL: "https://api.example.org/ref"})
	describes := map[string]string{"answer-SiteCollection": "sites.json", "answer-NodeEntryCollection": "nodes.json",
		"answer-NodeFacets": "nodes/facets.json", "answer-VersionHistory": "versions.json"}
	for _, text := range schemasOf(all) {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		c.AssertVocabs()

		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}

		id, _ := doc.(map[string]any)["$id"].(string)
		name, ok := strings.CutPrefix(id, "https://api.example.org/ref/schemas/")
		if !ok || all["schemas/"+name+".json"] == nil {
			t.Errorf("the $id %s is not the URL of a schema", id)
		}
		if title, _ := doc.(map[string]any)["title"].(string); title == "" {
			t.Errorf("%s has no title", name)
		}

		if err := c.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}

		schema, err := c.Compile(id)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}

		if file, ok := describes[name]; ok {
			body, err := jsonschema.UnmarshalJSON(bytes.NewReader(all[file]))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(body); err != nil {
				t.Errorf("%s does not pass its schema: %v", file, err)
			}
			delete(describes, name)
		}
	}

	if len(describes) > 0 {
		t.Errorf("these schemas are missing: %v", describes)
	}

	var list struct {
		Items []struct{ Name, Description string }
	}
	if err := json.Unmarshal(all["schemas.json"], &list); err != nil {
		t.Fatal(err)
	}

	for _, item := range list.Items {
		if item.Description == "" {
			t.Errorf("%s says nothing", item.Name)
		}
	}

	if n := len(schemasOf(all)); n != len(list.Items) {
		t.Errorf("%d schemas are listed, %d are there", len(list.Items), n)
	}
}

// A validator that takes nothing on trust refuses keywords and formats that it does
// not know, and members that are required and not described.
func TestSchemasInStrictValidator(t *testing.T) {
	t.Parallel()
	modules := npmtest.Modules(t, "../..")
	ajv := func(schemas ...json.RawMessage) string {
		t.Helper()
		input, err := json.Marshal(schemas)
		if err != nil {
			t.Fatal(err)
		}

		cmd := exec.CommandContext(t.Context(), "node", "testdata/ajv.cjs")
		cmd.Env = append(npmtest.Env(modules), "NODE_PATH="+modules)
		cmd.Stdin = bytes.NewReader(input)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}

		return string(out)
	}

	schemas := slices.Concat(schemasOf(sampleBodies(t, build.Options{Base: "/ref"})),
		schemasOf(sampleBodies(t, build.Options{URL: "https://api.example.org"})))
	if wrong := ajv(schemas...); wrong != "" {
		t.Error(wrong)
	}

	wrong := ajv(
		json.RawMessage(`{"$id":"/s","kind":"string"}`),
		json.RawMessage(`{"$id":"/s","type":"string","format":"http-date"}`),
		json.RawMessage(`{"$id":"/s","type":"object","required":["a"]}`),
		json.RawMessage(`{"$id":"/s","type":"object","properties":{"a":{"type":"integer","examples":["1"]}}}`),
	)
	for _, want := range []string{
		`unknown keyword: "kind"`, `unknown format "http-date"`, `required property "a" is not defined`, `a: "1"`,
	} {
		if !strings.Contains(wrong, want) {
			t.Errorf("ajv does not find %s: %s", want, wrong)
		}
	}
}

// sampleBodies are the files of the sample's tree.
func sampleBodies(t *testing.T, o build.Options) map[string][]byte {
	t.Helper()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	all := map[string][]byte{}
	for _, f := range treetest.Files(t, treetest.Input(t, repo, "", o)) {
		all[f.Path] = f.Body
	}
	return all
}

func schemasOf(files map[string][]byte) (all []json.RawMessage) {
	for name, body := range files {
		if path.Dir(name) == "schemas" {
			all = append(all, body)
		}
	}
	return all
}
