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
	Name, Version, Summary string // of the API
	Overview               template.HTML
	Tags                   []openapi.Tag
	Operations             []openapi.Operation
	Components             []openapi.Property
}

// Reference is the page that has the whole API to read and to print, with
// examples of answers.
func (r *Renderer) Reference(examples openapi.Examples) (Page, error) {
	overview, err := markdown(openapi.Description())
	if err != nil {
		return Page{}, fmt.Errorf("render the API's description: %w", err)
	}

	about := r.common("Reference API: all routes",
		"The routes, parameters, answers and schemas of the reference API on one page.", "site.css")
	return r.render("reference.html.tmpl", reference{
		common:     about.in(areaAPI, ""),
		Name:       openapi.Title,
		Version:    openapi.Version,
		Summary:    openapi.Summary,
		Overview:   overview,
		Tags:       openapi.Tags(),
		Operations: openapi.Operations(openapi.Options{Examples: examples, Suffix: r.Suffix}),
		Components: openapi.Components(),
	})
}

// indented is an example with white space, "" for none.
func indented(example []byte) string {
	var pretty bytes.Buffer
	if json.Indent(&pretty, example, "", "  ") != nil {
		return ""
	}
	return pretty.String()
}

// memberRow is a member of a schema, with the name of the schema that it refers to.
type memberRow struct{ Name, Type, Schema, Meaning string }

// members lists what an object may hold.
func members(s openapi.Schema) (rows []memberRow) {
	for _, p := range s.Properties {
		row := memberRow{Name: p.Name, Type: string(p.Schema.Type), Schema: p.Schema.RefName(),
			Meaning: p.Schema.Description}
		switch {
		case p.Schema.Items != nil:
			row.Schema = p.Schema.Items.RefName()
			row.Type = strings.TrimSpace("array of " + string(p.Schema.Items.Type))
		case len(p.Schema.AnyOf) > 0: // a reference, or null
			row.Schema, row.Type = p.Schema.AnyOf[0].RefName(), "null or"
		}

		rows = append(rows, row)
	}
	for _, other := range s.AllOf {
		rows = append(rows, memberRow{Name: "…", Schema: other.RefName(), Meaning: "All members of that schema as well."})
	}
	return rows
}
