package openapi

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Schema is a JSON Schema (draft 2020-12).
type Schema struct {
	Ref                  string          `json:"$ref,omitzero"`
	AllOf                []Schema        `json:"allOf,omitzero"`
	AnyOf                []Schema        `json:"anyOf,omitzero"`
	Type                 TypeName        `json:"type,omitzero"`
	Const                string          `json:"const,omitzero"`
	Enum                 []string        `json:"enum,omitzero"`
	KnownValues          []string        `json:"x-extensible-enum,omitzero"` // there may be others
	Required             []string        `json:"required,omitzero"`
	Properties           Properties      `json:"properties,omitzero"`
	AdditionalProperties any             `json:"additionalProperties,omitzero"` // a bool or a Schema
	Items                *Schema         `json:"items,omitzero"`
	Format               string          `json:"format,omitzero"`
	Unit                 string          `json:"x-unit,omitzero"`
	Minimum              *float64        `json:"minimum,omitzero"`
	Maximum              *int64          `json:"maximum,omitzero"`
	Default              any             `json:"default,omitzero"`
	Description          string          `json:"description,omitzero"`
	Examples             []rawjson.Value `json:"examples,omitzero"`
	Keywords             rawjson.Value   `json:",embed"` // an object of all others
}

// TypeName is the name of a type, as in "integer" or "integer or null". Generators
// read no other unions.
type TypeName string

const orNull = " or null"

// MarshalJSON implements json.Marshaler.
func (t TypeName) MarshalJSON() ([]byte, error) {
	if name, ok := strings.CutSuffix(string(t), orNull); ok {
		return api.Encode([]string{name, "null"}), nil
	}
	return api.Encode(string(t)), nil
}

// Property is a member of an object, or a component.
type Property struct {
	Name   string
	Schema Schema
}

// Properties are the members of an object, or components, in their order.
type Properties []Property

// MarshalJSON implements json.Marshaler.
func (all Properties) MarshalJSON() ([]byte, error) {
	var o object
	for _, p := range all {
		o = append(o, member{p.Name, p.Schema})
	}
	return o.MarshalJSON()
}

// schemaRef is what references to schemas start with.
const schemaRef = "#/components/schemas/"

// RefName is the name of the component that a schema refers to, "" for none.
func (s Schema) RefName() string { return strings.TrimPrefix(s.Ref, schemaRef) }

// components generates the schemas of the named types of package api, by its rule,
// and, depth first, of the types that they refer to. Closed ones, those of requests, allow nothing that is
// not declared.
func (t goTypes) components(closed bool, names ...string) (all Properties) {
	done := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if done[name] {
			return
		}

		done[name] = true
		s, isOfFile := t.files[name]
		if !isOfFile {
			s = maker{types: t, closed: closed}.component(name)
		}
		all = append(all, Property{Name: name, Schema: s})

		s.eachRef(add)
	}

	for _, name := range names {
		add(name)
	}

	return all
}

// eachRef calls visit with the name of each component that a schema refers to.
func (s Schema) eachRef(visit func(name string)) {
	if s.Ref != "" {
		visit(s.RefName())
	}
	for _, other := range slices.Concat(s.AllOf, s.AnyOf) {
		other.eachRef(visit)
	}
	for _, p := range s.Properties {
		p.Schema.eachRef(visit)
	}
	if s.Items != nil {
		s.Items.eachRef(visit)
	}
	if values, ok := s.AdditionalProperties.(Schema); ok {
		values.eachRef(visit)
	}
}

// goTypes are the declarations of package api. They are parsed from its source,
// because reflection does not see doc comments.
type goTypes struct {
	files  map[string]Schema // components of the schemas of files
	specs  map[string]*ast.TypeSpec
	docs   map[string]*ast.CommentGroup
	values map[string][]string // constants, by their types
}

// types are those of package api, whose source is compiled in and read once.
var types = sync.OnceValue(func() goTypes {
	t := goTypes{
		files:  fileComponents(),
		specs:  map[string]*ast.TypeSpec{},
		docs:   map[string]*ast.CommentGroup{},
		values: map[string][]string{},
	}

	files, err := fs.Glob(api.Source, "*.go")
	if err != nil {
		panic(err)
	}

	for _, name := range files {
		src, err := fs.ReadFile(api.Source, name)
		if err != nil || strings.HasSuffix(name, "_test.go") {
			continue
		}

		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			panic(err) // cannot happen: the compiler has parsed it
		}

		for _, d := range file.Decls {
			if decl, ok := d.(*ast.GenDecl); ok {
				t.add(decl)
			}
		}
	}

	return t
})

// add records the types of a declaration, or the values of its constants.
func (t *goTypes) add(decl *ast.GenDecl) {
	for _, s := range decl.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			t.specs[s.Name.Name] = s
			t.docs[s.Name.Name] = cmp.Or(s.Doc, decl.Doc)
		case *ast.ValueSpec:
			of, isNamed := s.Type.(*ast.Ident)
			if decl.Tok != token.CONST || !isNamed {
				continue
			}
			for _, v := range s.Values {
				if text, err := strconv.Unquote(v.(*ast.BasicLit).Value); err == nil {
					t.values[of.Name] = append(t.values[of.Name], text)
				}
			}
		}
	}
}

// maker generates components.
type maker struct {
	types  goTypes
	closed bool
}

func (m maker) component(name string) Schema {
	spec, ok := m.types.specs[name]
	if !ok {
		panic(fmt.Sprintf("openapi: package api has no type %s", name)) // a test makes all components
	}

	s := m.describe(spec.Type, m.types.docs[name], nil)
	s.Description = withoutName(name, s.Description)
	switch values := m.types.values[name]; {
	case len(values) == 1:
		s.Const = values[0]
	case m.closed:
		s.Enum = values
	default:
		s.KnownValues = values
	}

	return s
}

// withoutName is a doc comment without the name that it begins with.
func withoutName(name, doc string) string {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(strings.TrimPrefix(doc, "A "), "An "), name+" ")
	if !ok {
		return doc
	}
	return capitalized(strings.TrimPrefix(strings.TrimPrefix(rest, "is "), "are "))
}

// describe generates the schema of a type with a doc comment.
func (m maker) describe(of ast.Expr, doc *ast.CommentGroup, bound map[string]ast.Expr) (s Schema) {
	d := readDoc(doc)
	if name, isNullable := strings.CutSuffix(d.ref, orNull); isNullable {
		s = nullable(m.ref(name))
	} else if d.ref != "" {
		s = m.ref(d.ref)
	} else if d.typeName != "" { // replaces what follows from Go's type
		s.Type = d.typeName
	} else {
		s = m.schema(of, bound)
	}

	s.Description = cmp.Or(d.text, s.Description)
	if d.examples != nil {
		s.Examples = d.examples
	}
	s.Keywords = rawjson.Join(s.Keywords, d.keywords)
	return s
}

// inlineSchema is the schema of a type that is written where it is used.
func inlineSchema(name string) Schema {
	return maker{types: types()}.component(name)
}

// ref is a reference to the component of a type. An alias and a text without a list
// of values are written where they are used instead: generators would make types
// of them that have to be converted.
func (m maker) ref(name string) Schema {
	spec, isType := m.types.specs[name]
	if !isType {
		return Schema{Ref: schemaRef + name} // of a file
	}
	if _, isBasic := spec.Type.(*ast.Ident); spec.Assign.IsValid() || isBasic && len(m.types.values[name]) < 2 {
		return m.component(name)
	}

	return Schema{Ref: schemaRef + name}
}

// schema generates the schema of a type. bound has the arguments of its type
// parameters.
func (m maker) schema(of ast.Expr, bound map[string]ast.Expr) Schema {
	switch of := of.(type) {
	case *ast.Ident:
		if arg, ok := bound[of.Name]; ok {
			return m.schema(arg, nil)
		}
		switch of.Name {
		case "string":
			return Schema{Type: "string"}
		case "int":
			return Schema{Type: "integer", Format: "int64"}
		case "bool":
			return Schema{Type: "boolean"}
		case "any":
			return Schema{}
		}

		return m.ref(of.Name)

	case *ast.StarExpr:
		return nullable(m.schema(of.X, bound))
	case *ast.ArrayType:
		items := m.schema(of.Elt, bound)
		return Schema{Type: "array", Items: &items}

	case *ast.MapType:
		s := Schema{Type: "object", AdditionalProperties: true}
		if value := m.schema(of.Value, bound); !reflect.DeepEqual(value, Schema{}) {
			s.AdditionalProperties = value
		}
		return s

	case *ast.SelectorExpr: // rawjson.Value
		return Schema{}
	case *ast.IndexExpr:
		generic := m.types.specs[of.X.(*ast.Ident).Name]
		parameter := generic.TypeParams.List[0].Names[0].Name
		return m.schema(generic.Type, map[string]ast.Expr{parameter: of.Index})

	case *ast.StructType:
		return m.object(of, bound)
	}
	panic(fmt.Sprintf("openapi: no schema for %T", of)) // a test makes all components
}

// nullable returns the schema that allows null as well.
func nullable(s Schema) Schema {
	if s.Type != "" {
		s.Type += orNull
		return s
	}
	return Schema{AnyOf: []Schema{s, {Type: "null"}}}
}

// object generates the schema of a struct.
func (m maker) object(of *ast.StructType, bound map[string]ast.Expr) Schema {
	s := Schema{Type: "object"}
	if m.closed {
		s.AdditionalProperties = false
	}

	for _, f := range of.Fields.List {
		tag := reflect.StructTag("")
		if f.Tag != nil {
			tag = reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		}

		options := strings.Split(tag.Get("json"), ",")
		name := options[0]

		switch {
		case len(f.Names) == 0: // an embedded struct
			m.embed(&s, f.Type.(*ast.Ident).Name)
		case slices.Contains(options, "embed"):
			s.AdditionalProperties = true
			d := readDoc(f.Doc)
			if d.members != "" {
				m.embed(&s, d.members)
			}
			if d.allOf != "" {
				s.AllOf = append(s.AllOf, m.ref(d.allOf))
			}
		default:
			s.Properties = append(s.Properties, Property{Name: name, Schema: m.describe(f.Type, f.Doc, bound)})
			if !slices.Contains(options, "omitzero") {
				s.Required = append(s.Required, name)
			}
		}
	}

	return s
}

// embed adds the members of another struct, and its keywords.
func (m maker) embed(s *Schema, name string) {
	other := m.object(m.types.specs[name].Type.(*ast.StructType), nil)
	s.Properties = append(s.Properties, other.Properties...)
	s.Required = append(s.Required, other.Required...)
	s.Keywords = rawjson.Join(rawjson.Join(s.Keywords, other.Keywords), readDoc(m.types.docs[name]).keywords)
}

// goDoc is a doc comment: its text, and its lines //schema:KEYWORD VALUE.
type goDoc struct {
	text         string
	typeName     TypeName // "" for that of the Go type
	ref, members string   // names of types
	allOf        string
	examples     []rawjson.Value
	keywords     rawjson.Value // an object of all others
}

func readDoc(comment *ast.CommentGroup) (d goDoc) {
	if comment == nil {
		return d
	}

	d.text = strings.Join(strings.Fields(comment.Text()), " ")
	for _, line := range comment.List {
		directive, ok := strings.CutPrefix(line.Text, "//schema:")
		if !ok {
			continue
		}

		keyword, value, _ := strings.Cut(directive, " ")
		switch keyword {
		case "type":
			d.typeName = TypeName(value)
		case "ref":
			d.ref = value
		case "members":
			d.members = value
		case "allOf":
			d.allOf = value
		case "examples":
			mustDecode([]byte(value), &d.examples)
		default:
			d.keywords = rawjson.Join(d.keywords, rawjson.Value(`{"`+keyword+`":`+value+`}`))
		}
	}

	return d
}
