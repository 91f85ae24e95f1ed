package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// schemaFile is a JSON Schema that is published.
type schemaFile struct {
	name, kind, description string
	body                    []byte
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
		files = append(files, schemaFile{kind.String(), "file", about, o.Text})
	}
	for _, s := range openapi.Schemas() {
		files = append(files, schemaFile{"answer-" + s.Name, "answer", s.Description, s.Body})
	}
	slices.SortFunc(files, func(x, y schemaFile) int {
		if x.name < y.name {
			return -1
		}
		return 1
	})
	return files
}

// schemas writes them, and their list.
func (b *builder) schemas() {
	var items [][]byte
	for _, f := range b.schemaFiles {
		b.emit(tree.File{Path: route.Schema.File(f.name), Body: f.body, Time: b.assets})
		items = append(items, b.schemaItem(f))
	}
	b.collection(route.Schemas, items)
}

func (b *builder) schemaItem(f schemaFile) []byte {
	var out rawjson.Builder
	out.BeginObject()
	out.Key("name")
	out.String(f.name)
	out.Key("kind")
	out.String(f.kind)
	out.Key("description")
	out.String(f.description)
	b.api.SelfAndParent(&out, route.Schema, f.name)
	out.EndObject()
	return out.Bytes()
}
