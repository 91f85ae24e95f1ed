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

// schemaFiles are the schemas of files, by which the validator checks, then
// those of answers.
func schemaFiles() (files []schemaFile) {
	for kind := range route.Kinds() {
		o, err := rawjson.Parse(inventory.Schema(kind), rawjson.Limits{})
		if err != nil {
			panic(err) // it is compiled in
		}
		about, _ := o.String("description")
		files = append(files, schemaFile{name: kind.String(), kind: api.FileSchema, description: about, body: o.Text})
	}

	for _, s := range openapi.AnswerSchemas() {
		files = append(files, schemaFile{
			name: "answer-" + s.Name, kind: api.AnswerSchema, description: s.Description, body: s.Body,
		})
	}

	slices.SortFunc(files, func(x, y schemaFile) int { return strings.Compare(x.name, y.name) })
	return files
}

// schemas writes them, and their list.
func (b *builder) schemas() {
	files := schemaFiles()
	for _, f := range files {
		if f.name == route.GridKind.String() {
			b.examples.answers[route.Schema] = openapi.Example{Args: []string{f.name}, Body: f.body}
		}
		b.emit(tree.File{Path: route.Schema.File(f.name), Body: f.body, Time: b.assets})
	}

	var entries []api.SchemaEntry
	for _, f := range files {
		entries = append(entries, api.SchemaEntry{
			Name: f.name, Kind: f.kind, Description: f.description, Links: b.links.SelfAndParent(route.Schema, f.name),
		})
	}

	putCollection(b, route.Schemas, entries)
}
