// Package check has the rules for the content of reference files. Its findings are
// warnings; package inventory checks the structure, whose faults are errors.
package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Checker checks grids against the schemas and against rules across files.
type Checker struct {
	schemas map[route.KindID]*jsonschema.Schema
	sources map[route.KindID]any // the same, decoded
}

// New compiles the schemas.
func New() (*Checker, error) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()

	c := &Checker{schemas: map[route.KindID]*jsonschema.Schema{}, sources: map[route.KindID]any{}}
	for kind := range route.Kinds() {
		name := kind.String() + ".json"
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(inventory.Schema(kind)))
		if err != nil {
			return nil, fmt.Errorf("read schema %s: %w", name, err)
		}
		if err := compiler.AddResource(name, doc); err != nil {
			return nil, fmt.Errorf("read schema %s: %w", name, err)
		}

		c.sources[kind] = doc
		if c.schemas[kind], err = compiler.Compile(name); err != nil {
			return nil, fmt.Errorf("compile schema %s: %w", name, err)
		}
	}

	return c, nil
}

// Grid returns the findings about a grid. It reads files of fsys again for the
// lines and columns of what it finds.
func (c *Checker) Grid(fsys fs.FS, g *inventory.Grid) (inventory.Diagnostics, error) {
	return (*Memo)(nil).Grid(c, fsys, g)
}

// file returns the findings about one file.
func (c *Checker) file(fsys fs.FS, dir string, r inventory.Resource, o others) (inventory.Diagnostics, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.File.Text))
	if err != nil {
		return nil, err
	}

	found := c.schemaFindings(r.Kind, doc)
	switch r.Kind {
	case route.NodeKind:
		found = append(found, o.types.findings(doc)...)
		found = append(found, gpuModelFindings(doc)...)
		found = append(found, o.spellings.findings(doc)...)
	case route.FlavorKind:
		found = append(found, gpuModelFindings(doc)...)
	case route.SiteKind:
		found = append(found, hemisphereFindings(doc)...)
	}

	if len(found) == 0 {
		return nil, nil
	}

	src, err := inventory.Source(fsys, dir, r.File.Path)
	if err != nil {
		return nil, err
	}

	for i := range found {
		f := &found[i]
		f.Severity, f.File, f.Resource = inventory.Warning, r.File.Path, r.Path()
		f.Line, f.Col = rawjson.Position(src, f.Pointer, false)
	}

	return found, nil
}

// schemaFindings validates a document against its schema. For each value it returns
// only the first error, because the others are consequences.
func (c *Checker) schemaFindings(kind route.KindID, doc any) inventory.Diagnostics {
	doc, found := plainNumbers(doc)
	err := c.schemas[kind].Validate(doc)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return found
	}

	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		for _, cause := range e.Causes {
			walk(cause)
		}
		if len(e.Causes) == 0 {
			found = append(found, c.explain(e, kind, doc)...)
		}
	}

	walk(invalid)
	slices.SortStableFunc(found, func(a, b inventory.Diagnostic) int { return strings.Compare(a.Pointer, b.Pointer) })
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(f inventory.Diagnostic) bool {
		// Several members may be missing from one object, but a value of the
		// wrong type is reported once.
		key := f.Pointer
		if f.Rule == ruleMissing {
			key += " " + f.Message
		}

		dup := seen[key]
		seen[key] = true
		return dup
	})
}
