package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// typePage is the page of a node type.
type typePage struct {
	hardwarePage
	Type        card
	About       template.HTML // what the repository says of it
	CompareType string        // the URL of the comparison with it, "" if it would be too long
	Differs     []string      // the parts in which some nodes differ from the most common hardware
	Equal       int           // how many have that
	Summary     []fact        // of the most common hardware
	Columns     []string      // of the variants: what differs among them
	Variants    []variant     // nil if all nodes have the same hardware
	HasOthers   bool          // some variant differs in what has no column
	Reserve     *reservePanel
}

// variant is a group of nodes with the same hardware, in a table.
type variant struct {
	hardwareGroup
	Cells  []variantCell
	Others string // the parts in which it differs, and no cell does
}

// variantCell is what a variant has in a column.
type variantCell struct {
	Text    string
	Differs bool // from the most common hardware
}

// Type is the page of a node type.
func (h *Hardware) Type(name string) (Page, error) {
	t := h.typeNamed(name)
	about := fmt.Sprintf("The %d nodes of the type %s: %s.", t.Count, change.Isolate(name), t.Example.Headline())
	p := typePage{
		hardwarePage: h.page(fmt.Sprintf("%s: node type %s", change.Isolate(t.Example.Headline()), change.Isolate(name)), about,
			h.trail(inventory.Place{})...),
		Type:    h.card(&t),
		About:   h.about[name].HTML,
		Equal:   t.Count,
		Summary: t.Example.Summary(),
	}

	if groups := t.groups(); len(groups) > 1 {
		p.Equal = len(groups[0].Nodes)
		p.Columns, p.Variants = t.variants(groups)
		p.HasOthers = slices.ContainsFunc(p.Variants, func(v variant) bool { return v.Others != "" })
		for _, g := range groups[1:] {
			for _, part := range g.parts() {
				if !slices.Contains(p.Differs, part) {
					p.Differs = append(p.Differs, part)
				}
			}
		}
		slices.Sort(p.Differs)
	}

	if len(name) <= maxValue {
		p.CompareType = h.renderer.path(route.HardwareCompare) + "?" + query("types", name).Encode()
	}

	slug := TypeSlug(name)
	p.Feeds = &feeds{
		Atom: h.renderer.path(route.TypeChangesAtom, slug), JSON: h.renderer.path(route.TypeChangesFeed, slug),
	}

	p.ChangesOf = h.renderer.changesOf("type", name)
	p.Reserve = h.reserveType(t)
	filter := query("node_type", name)
	h.show(&p.hardwarePage, t.nodes, filter)
	if p.Script != "" {
		p.Script = "type.js"
	}
	if p.Reserve != nil {
		p.Reserve.Slots = p.Live.Slots
	}
	p.JSON = h.renderer.path(route.NodeType, slug)
	p.Past = h.renderer.path(route.Capacity) + "?" + query("node_type", name, "by", "node_type", "step", "1d").Encode()

	return h.renderer.render("hardware_type.html.tmpl", p)
}

// maxVariants is how many groups a table has: past it the rest is told by number.
const maxVariants = 100

// shownBy are the members of a node's file that a column of variants shows, by its property.
var shownBy = map[string][]string{
	"processor": {"processor"}, "physical_cores": {"architecture"}, "threads": {"architecture"},
	"ram": {"main_memory"}, "fpga_model": {"fpga", "other_devices"},
	"network": {"network_adapters"}, "storage": {"storage_devices"},
}

// parts are those in which a group differs.
func (g *hardwareGroup) parts() []string {
	if g.Differences == "" {
		return nil
	}
	return strings.Split(g.Differences, ", ")
}

// variants are groups with the properties in which they differ.
func (t *typeRow) variants(groups []hardwareGroup) (columns []string, variants []variant) {
	groups = groups[:min(len(groups), maxVariants)]
	others := make([][]string, len(groups))
	for i, g := range groups {
		others[i] = g.parts()
		variants = append(variants, variant{hardwareGroup: g})
	}

	for _, of := range append([]specProperty{{"Site", "site_id"}}, specProperties...) {
		cells := make([]variantCell, len(groups))
		differ := false
		for i, g := range groups {
			cells[i].Text = g.show(of.property)
			cells[i].Differs = cells[i].Text != cells[0].Text
			differ = differ || cells[i].Differs
		}
		if !differ {
			continue
		}

		columns = append(columns, of.title)
		for i := range variants {
			variants[i].Cells = append(variants[i].Cells, cells[i])
			if cells[i].Differs && cells[i].Text != "" {
				others[i] = slices.DeleteFunc(others[i], func(part string) bool {
					return slices.ContainsFunc(shownBy[of.property], func(member string) bool { return part == title(member) })
				})
			}
		}
	}

	for i := range variants {
		variants[i].Others = strings.Join(others[i], ", ")
	}
	return columns, variants
}

// show is what a group's nodes have: several values where they differ in it.
func (g *hardwareGroup) show(property string) string {
	var texts []string
	for _, n := range g.members {
		text := n.Show(property)
		if property == "site_id" {
			text = n.SiteLabel()
		}
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)

	return strings.Join(texts, " or ")
}

// UIDs are those of a group's nodes, for scripts.
func (g *hardwareGroup) UIDs() string {
	var uids []string
	for _, n := range g.members {
		uids = append(uids, n.UID)
	}
	return strings.Join(uids, " ")
}
