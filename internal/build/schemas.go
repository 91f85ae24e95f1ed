package build

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// schemaFile is a JSON Schema that is published.
type schemaFile struct {
	name, description string
	kind              api.SchemaKind
	body              []byte
}

// schemaFiles are the schemas of files, by which the validator checks, and those
// of answers, by name.
func (b *builder) schemaFiles() (files []schemaFile) {
	for kind := range route.Kinds() {
		o, err := rawjson.Parse(inventory.Schema(kind), rawjson.Limits{})
		if err != nil {
			panic(err) // it is compiled in
		}
		about, _ := o.String("description")
		files = append(files, schemaFile{
			name: kind.String(), kind: api.FileSchema, description: about, body: o.Without("$schema"),
		})
	}

	for _, s := range openapi.AnswerSchemas() {
		files = append(files, schemaFile{
			name: "answer-" + s.Name, kind: api.AnswerSchema, description: s.Description, body: s.Body,
		})
	}

	// A reference from elsewhere names a schema by its $id, so that is its URL.
	for i, f := range files {
		head := struct {
			Schema string `json:"$schema"`
			ID     string `json:"$id"`
		}{"https://json-schema.org/draft/2020-12/schema", b.Published() + route.Schema.Path(f.name)}
		files[i].body = rawjson.Join(api.Encode(head), f.body)
	}

	slices.SortFunc(files, func(x, y schemaFile) int { return strings.Compare(x.name, y.name) })
	return files
}

// schemas writes them, and their list.
func (b *builder) schemas() {
	files := b.schemaFiles()
	for _, f := range files {
		if f.name == route.GridKind.String() {
			b.examples.chosen[route.Schema] = func() (openapi.Example, error) {
				return openapi.Example{Args: []string{f.name}, Body: f.body}, nil
			}
		}
		b.emitMade(tree.File{Path: route.Schema.File(f.name), Body: f.body})
	}

	putCollection(b, route.Schemas, len(files), func(n int) (entries []api.SchemaEntry, err error) {
		for _, f := range files[:n] {
			entries = append(entries, api.SchemaEntry{
				Name: f.name, Kind: f.kind, Description: f.description, Links: b.links.SelfAndParent(route.Schema, f.name),
			})
		}
		return entries, nil
	})
}
