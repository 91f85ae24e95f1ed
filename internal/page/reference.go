package page

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

// reference is what the readers' page is filled with.
type reference struct {
	common
	API      description
	Overview template.HTML
	Groups   []group
	Schemas  []schemaRow
}

// group is a tag with its operations.
type group struct {
	ID, Name, Description string
	Operations            []operationRow
}

type operationRow struct {
	ID, Method, Path, Summary string
	Parameters                []parameterRow
	Responses                 []responseRow
	Example                   string
}

type parameterRow struct{ Name, In, Type, Meaning string }

type responseRow struct{ Status, Type, Schema, Meaning string }

type schemaRow struct {
	Name, Description string
	Members           []memberRow
}

type memberRow struct{ Name, Type, Schema, Meaning string }

// description is what of an OpenAPI document the page shows.
type description struct {
	Info struct{ Title, Version, Summary, Description string }
	Tags []struct{ Name, Description string }
	// Paths are in no order in Go's maps: the order is that of the document.
	Paths      ordered[map[string]operation]
	Components struct {
		Schemas    ordered[schema]
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type operation struct {
	OperationID string
	Summary     string
	Tags        []string
	Parameters  []parameter
	Responses   map[string]response
}

type parameter struct {
	Ref         string `json:"$ref"`
	Name        string
	In          string
	Description string
	Schema      schema
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]struct {
		Schema  schema
		Example json.RawMessage
	}
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        oneOrMore
	Format      string
	Description string
	Properties  ordered[schema]
	Items       *schema
	Required    []string
	AllOf       []schema
}

// UnmarshalJSON implements [json.Unmarshaler]. A schema may be a boolean, which
// has nothing to show.
func (s *schema) UnmarshalJSON(text []byte) error {
	type plain schema
	if len(text) > 0 && text[0] != '{' {
		return nil
	}
	return json.Unmarshal(text, (*plain)(s))
}

// oneOrMore is a schema's type: a name, or several.
type oneOrMore []string

// UnmarshalJSON implements [json.Unmarshaler].
func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		*o = make([]string, 1)
		return json.Unmarshal(text, &(*o)[0])
	}
	return json.Unmarshal(text, (*[]string)(o))
}

// ordered is a JSON object that keeps its members' order.
type ordered[T any] struct {
	names  []string
	values map[string]T
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *ordered[T]) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &o.values); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		o.names = append(o.names, fmt.Sprint(name))
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			return err
		}
	}
	return nil
}

// Reference is the page that has the whole API to read and to print, made from
// its OpenAPI document.
func (r *Renderer) Reference(document []byte) (Page, error) {
	page := reference{common: common{
		Title:       "Reference API: all routes",
		Description: "The routes, parameters, answers and schemas of the reference API on one page.",
		Styles:      []string{"site.css"},
		renderer:    r,
	}}
	if err := json.Unmarshal(document, &page.API); err != nil {
		return Page{}, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	var err error
	if page.Overview, err = markdown(page.API.Info.Description); err != nil {
		return Page{}, fmt.Errorf("render the API's description: %w", err)
	}
	for _, tag := range page.API.Tags {
		g := group{ID: "tag-" + tag.Name, Name: strings.ToUpper(tag.Name[:1]) + tag.Name[1:], Description: tag.Description}
		for _, p := range page.API.Paths.names {
			methods := page.API.Paths.values[p]
			for _, method := range slices.Sorted(maps.Keys(methods)) {
				if op := methods[method]; slices.Contains(op.Tags, tag.Name) {
					g.Operations = append(g.Operations, page.API.row(method, p, op))
				}
			}
		}
		page.Groups = append(page.Groups, g)
	}
	for _, name := range page.API.Components.Schemas.names {
		s := page.API.Components.Schemas.values[name]
		page.Schemas = append(page.Schemas, schemaRow{Name: name, Description: s.Description, Members: members(s)})
	}
	return r.render("reference.html.tmpl", page)
}

// row gathers what a page says of an operation.
func (d *description) row(method, path string, op operation) operationRow {
	row := operationRow{ID: op.OperationID, Method: strings.ToUpper(method), Path: path, Summary: op.Summary}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p = d.Components.Parameters[refName(p.Ref)]
		}
		row.Parameters = append(row.Parameters, parameterRow{p.Name, p.In, typeName(p.Schema), p.Description})
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		res := op.Responses[status]
		if res.Ref != "" {
			res = d.Components.Responses[refName(res.Ref)]
		}
		line := responseRow{Status: status, Meaning: res.Description}
		for _, media := range slices.Sorted(maps.Keys(res.Content)) {
			content := res.Content[media]
			line.Type = media
			line.Schema = refName(content.Schema.Ref)
			if status == "200" && content.Example != nil {
				var pretty bytes.Buffer
				if json.Indent(&pretty, content.Example, "", "  ") == nil {
					row.Example = pretty.String()
				}
			}
		}
		row.Responses = append(row.Responses, line)
	}
	return row
}

// members lists what an object may hold, of all the schemas it combines.
func members(s schema) []memberRow {
	var rows []memberRow
	for _, part := range s.AllOf {
		rows = append(rows, members(part)...)
	}
	for _, name := range s.Properties.names {
		p := s.Properties.values[name]
		row := memberRow{Name: name, Type: typeName(p), Schema: refName(p.Ref), Meaning: p.Description}
		if p.Items != nil {
			row.Schema = refName(p.Items.Ref)
			row.Type = "array of"
			if row.Schema == "" {
				row.Type = "array of " + typeName(*p.Items)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// typeName says in words what a schema allows.
func typeName(s schema) string {
	name := strings.Join(s.Type, " or ")
	return strings.TrimSpace(cmp.Or(name, "") + " " + strings.TrimSpace(s.Format))
}

// refName is the component's name in a reference.
func refName(ref string) string {
	return ref[strings.LastIndexByte(ref, '/')+1:]
}
