package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// slotsPage is filled with the question to the search for slots.
type slotsPage struct {
	hardwarePage
	Ask   ask
	API   string // the URL of the search
	Sites string // the URL of all sites in the API
}

// ask is a form for a question to the search for slots.
type ask struct {
	Action string
	Fields []askField
	Sites  []hardware.Choice
	Units  []string // of the number of what is needed, nil for nodes alone
	Titles string   // of the filters that have no field, by parameter: JSON

	Examples []linkRow // of other questions, where the answer is in a sentence
}

// askField is a choice of hardware.
type askField struct {
	Name, Title string
	Second      bool // it is in the second line, as one that few need
	Choices     []hardware.Choice
}

// askProperties are the properties that the form asks for, with their labels. A table
// that lacks one has no field for it.
var askProperties = []struct {
	name, title string
	second      bool
}{
	{"gpu_family", "GPU", false}, {"gpu_memory", "GPU memory", false}, {"node_type", "Type", true},
}

// Slots is the page that finds when nodes are free together. Its query is that of the
// search in the API, which its script asks.
func (h *Hardware) Slots() (Page, error) {
	about := fmt.Sprintf("Find when nodes of %s are free together.", change.Isolate(h.grid.UID))
	p := slotsPage{
		hardwarePage: h.page("Find a slot", about),
		Ask:          h.ask(),
		API:          h.renderer.path(route.Slots),
		Sites:        h.renderer.path(route.Sites),
	}
	p.common = p.in(areaSlots, "find.js")

	return h.renderer.render("hardware_slots.html.tmpl", p)
}

// ask is the form, with the values of the nodes that can be leased as complete machines.
func (h *Hardware) ask() ask {
	a := ask{Action: h.renderer.path(route.HardwareSlots)}
	leased := slices.DeleteFunc(slices.Clone(h.nodes), func(n *node) bool { return n.ByFlavor })

	properties := hardware.Properties()
	titles := map[string]string{}
	for _, p := range properties {
		for _, param := range []string{p.Min, p.Range, p.Search} {
			if param != "" && p.Title != "" {
				titles[param] = p.Title
			}
		}
	}
	a.Titles = strings.TrimSpace(string(api.Encode(titles)))

	for _, field := range askProperties {
		i := slices.IndexFunc(properties, func(p hardware.Property) bool { return p.Name == field.name })
		if i < 0 {
			continue
		}
		if choices := choicesOf(&properties[i], i, leased); len(choices) > 0 {
			a.Fields = append(a.Fields,
				askField{cmp.Or(properties[i].Search, properties[i].Range), field.title, field.second, choices})
		}
	}

	for s := range h.grid.In(inventory.Place{}, route.SiteKind) {
		if slices.ContainsFunc(leased, func(n *node) bool { return n.Site == s.UID }) {
			a.Sites = append(a.Sites, hardware.Choice{Value: route.ListValue(s.UID), Label: h.siteName[s.UID]})
		}
	}

	params := route.Slots.Get().Query
	if i := slices.IndexFunc(params, func(p route.Param) bool { return p.Name == "unit" }); i >= 0 {
		a.Units = params[i].Enum
	}

	return a
}

// choicesOf are the values that nodes have in a row of the table: texts, or numbers as
// minimums.
func choicesOf(p *hardware.Property, row int, nodes []*node) (choices []hardware.Choice) {
	values := map[string]int64{}
	for _, n := range nodes {
		fact := n.Facts[row]
		switch {
		case !p.Kind.IsNumber():
			for _, text := range fact.Texts {
				values[text] = 0
			}
		case fact.Number > 0:
			values[p.Display(fact)] = fact.Number
		}
	}

	for value := range values {
		c := hardware.Choice{Value: route.ListValue(value), Label: value}
		if p.Kind.IsNumber() {
			c = hardware.Choice{Value: strings.Join(strings.Fields(value), "") + "..", Label: value + " or more"}
		}
		choices = append(choices, c)
	}

	size := func(c hardware.Choice) int64 { return values[strings.TrimSuffix(c.Label, " or more")] }
	slices.SortFunc(choices, func(a, b hardware.Choice) int {
		return cmp.Or(cmp.Compare(size(a), size(b)), strings.Compare(a.Label, b.Label))
	})

	return choices
}
