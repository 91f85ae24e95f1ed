package openapi

import (
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// sampler makes values that fit schemas.
type sampler struct{ schemas map[string]Schema }

func newSampler() sampler {
	s := sampler{schemas: map[string]Schema{}}
	for _, c := range Components() {
		s.schemas[c.Name] = c.Schema
	}
	return s
}

// body makes a body of a route's 200 from nothing but the types.
func (s sampler) body(id route.ID, r *route.Route) []byte {
	switch {
	case r.Schema != "":
		return api.Encode(s.named(r.Schema))
	case r.Representation == route.HTML:
		return []byte("<!DOCTYPE html>\n<html lang=\"en\">\n<title>" + Title + "</title>\n…\n</html>\n")
	case id == route.Badge:
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="nodes: 3/4 free">…</svg>`)
	case r.Representation == route.Feed && strings.HasSuffix(r.Pattern, route.CalendarSuffix):
		calendar := api.Calendar{Name: "Slots", Stamp: time.Unix(0, 0).UTC(), Refresh: "PT1H"}
		return calendar.EncodeICal()
	case r.Representation == route.Feed:
		feed := api.Feed{ID: "tag:example.org,2026:feed", Title: "What changed", Updated: time.Unix(0, 0).UTC()}
		return feed.EncodeAtom()
	case id == route.AllNodesTable, id == route.SearchTable:
		var columns []string
		for _, p := range hardware.Properties() {
			if p.CSV != "" {
				columns = append(columns, p.CSV)
			}
		}
		return []byte(strings.Join(columns, ",") + "\r\n")
	case id == route.SearchMarkdown:
		return []byte("| node_name |\n| --- |\n")
	}

	return append(api.Encode(s.named("NodeEntry")), '\n') // NDJSON
}

// named makes a value of a component.
func (s sampler) named(name string) any { return s.value(s.schemas[name]) }

// value makes a value of a schema, nil where the schema does not say which.
func (s sampler) value(of Schema) any {
	switch {
	case of.Examples != nil:
		return of.Examples[0]
	case of.Ref != "":
		return s.named(of.RefName())
	case of.AnyOf != nil:
		return s.value(of.AnyOf[0])
	case of.Const != "":
		return of.Const
	case of.Enum != nil:
		return of.Enum[0]
	case of.KnownValues != nil:
		return of.KnownValues[0]
	}

	switch strings.TrimSuffix(string(of.Type), orNull) {
	case "object":
		o := object{}
		for _, p := range of.Properties {
			if value := s.value(p.Schema); value != nil || slices.Contains(of.Required, p.Name) {
				o = append(o, member{p.Name, value})
			}
		}
		return o
	case "array":
		if of.Items == nil {
			return []any{}
		}
		return []any{s.value(*of.Items)}
	case "integer", "number":
		return rawjson.Value("1")
	case "boolean":
		return true
	case "string":
		return "text"
	}

	return nil
}
