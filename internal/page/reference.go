package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"github.com/chameleoncloud/refapi/internal/openapi"
)

// reference is what the page of all routes is filled with.
type reference struct {
	common
	API      struct{ Title, Version, Summary string }
	Overview template.HTML
	Groups   []group
	Schemas  []schemaRow
}

// group is a tag with its operations.
type group struct {
	ID, Name, Description string
	Operations            []operationRow
}

// operationRow is an operation with its example as people read it.
type operationRow struct {
	openapi.Operation
	Example string
}

type schemaRow struct {
	Name, Description string
	Members           []memberRow
}

type memberRow struct{ Name, Type, Schema, Meaning string }

// Reference is the page that has the whole API to read and to print, with
// examples of answers.
func (r *Renderer) Reference(examples openapi.Examples) (Page, error) {
	page := reference{common: r.common("Reference API: all routes",
		"The routes, parameters, answers and schemas of the reference API on one page.", "site.css")}

	page.API.Title, page.API.Version, page.API.Summary = openapi.Title, openapi.Version, openapi.Summary
	var err error
	if page.Overview, err = markdown(openapi.Description()); err != nil {
		return Page{}, fmt.Errorf("render the API's description: %w", err)
	}

	operations := openapi.Operations(examples)
	for _, tag := range openapi.Tags() {
		g := group{
			ID: "tag-" + tag.Name, Name: strings.ToUpper(tag.Name[:1]) + tag.Name[1:], Description: tag.Description,
		}
		for _, op := range operations {
			if op.Tag == tag.Name {
				g.Operations = append(g.Operations, operationRow{Operation: op, Example: indented(op.Example)})
			}
		}

		page.Groups = append(page.Groups, g)
	}

	for _, c := range openapi.Components() {
		page.Schemas = append(page.Schemas, schemaRow{
			Name: c.Name, Description: c.Schema.Description, Members: members(c.Schema),
		})
	}

	return r.render("reference.html.tmpl", page)
}

// indented is an example with white space, "" for none.
func indented(example []byte) string {
	var pretty bytes.Buffer
	if json.Indent(&pretty, example, "", "  ") != nil {
		return ""
	}
	return pretty.String()
}

// members lists what an object may hold.
func members(s openapi.Schema) (rows []memberRow) {
	for _, p := range s.Properties {
		row := memberRow{Name: p.Name, Type: typeName(p.Schema), Schema: p.Schema.RefName(),
			Meaning: p.Schema.Description}
		switch {
		case p.Schema.Items != nil:
			row.Schema = p.Schema.Items.RefName()
			row.Type = strings.TrimSpace("array of " + typeName(*p.Schema.Items))
		case len(p.Schema.AnyOf) > 0: // a reference, or null
			row.Schema, row.Type = p.Schema.AnyOf[0].RefName(), "null or"
		}

		rows = append(rows, row)
	}
	return rows
}

// typeName is a schema's type, or types, "" where it does not say.
func typeName(s openapi.Schema) string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []string:
		return strings.Join(t, " or ")
	}
	return ""
}
