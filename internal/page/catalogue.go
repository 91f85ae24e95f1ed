package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// cataloguePage is the browser's first page: what there is, by type, or by cluster where no
// node has a type.
type cataloguePage struct {
	groupPage
	Ask      ask
	Kind     string // what each card is of: "type" or "cluster"
	Cards    int    // their number
	Slots    string // the URL of the search for slots
	Capacity string // of the free nodes of each kind, for two weeks by the day, and of the matrix
	Families []family
	Matrix   matrix
}

// Kinds counts types, or clusters.
func (p cataloguePage) Kinds(n int) string { return counted(n, p.Kind) }

// family is types that people choose for the same reason.
type family struct {
	ID, Title string
	Count     int // of nodes
	Cards     []card
}

// card is a type at a glance.
type card struct {
	typeRow
	Title   string // what it is, for people
	Differs bool   // some nodes are called something else
	Value   string // what the live service calls it, "" for one of several clusters with one uid
	About   string // what the repository says of it, "" for nothing
	Spec    []specRow
	Sites   []siteRow
}

// maxAbout is how much of a description a card has, in characters.
const maxAbout = 240

// shorten ends a text that is too long for a card after a word.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxAbout {
		return text
	}

	short := string(runes[:maxAbout])
	if i := strings.LastIndexByte(short, ' '); i > 0 {
		short = short[:i]
	}
	return short + "…"
}

// specRow is a property of a type: of the hardware that most of its nodes have.
type specRow struct {
	Name, Text string
	Differs    bool // other nodes of the type have another one
}

// front is the browser's first page.
func (h *Hardware) front() (Page, error) {
	about := fmt.Sprintf("The hardware of %s: node types, what is in them, and when they are free.", change.Isolate(h.grid.UID))
	p := cataloguePage{
		groupPage: groupPage{
			hardwarePage: h.page("Hardware", about),
			Sites:        h.countSites(h.nodes),
			Types:        h.types,
			Flavors:      h.flavors(inventory.Place{}),
			FreeFlavors:  h.renderer.path(route.FlavorsAvailability),
		},
		Ask:    h.ask(),
		Slots:  h.renderer.path(route.Slots),
		Matrix: h.matrix(),
	}

	by, kinds := "node_type", h.types
	if p.Kind = "type"; len(kinds) == 0 {
		p.Kind, by, kinds = "cluster", "cluster_id", h.clusterRows()
	}
	p.Cards, p.Families = len(kinds), h.families(kinds)
	p.Capacity = h.renderer.path(route.Capacity) + "?by=" + by + "&step=1d&counts=" + matrixFacets()

	p.Ask.Examples = h.examples()
	p.Count = len(h.nodes)
	p.Script = "hardware.js"
	return h.renderer.render("hardware.html.tmpl", p)
}

// clusterRows are the clusters that have nodes.
func (h *Hardware) clusterRows() (rows []typeRow) {
	for c := range h.grid.In(inventory.Place{}, route.ClusterKind) {
		if nodes := nodesIn(c.Place, h.nodes); len(nodes) > 0 {
			rows = append(rows, rowOf(c.UID, h.renderer.pageOf(c.Place), nodes))
		}
	}
	return rows
}

// families are types, or clusters, in the order of the catalogue.
func (h *Hardware) families(kinds []typeRow) (families []family) {
	all := []family{
		{ID: "gpu", Title: "GPU and accelerators"},
		{ID: "cpu", Title: "Processors"},
		{ID: "more", Title: "Memory, storage, FPGA"},
	}

	for i := range kinds {
		t := &kinds[i]
		f := &all[familyOf(t.Example)]
		f.Count += t.Count
		c := h.card(t)
		if slices.ContainsFunc(kinds, func(o typeRow) bool { return o.Name == t.Name && o.Page != t.Page }) {
			c.Value = ""
		}
		f.Cards = append(f.Cards, c)
	}

	for _, f := range all {
		slices.SortStableFunc(f.Cards, compareCards)
		if len(f.Cards) > 0 {
			families = append(families, f)
		}
	}

	return families
}

// From how many bytes on a node people choose it for these.
const (
	muchMemory  = 1 << 40
	muchStorage = 8_000_000_000_000
)

// familyOf is the place of a node's type among the families.
func familyOf(n *node) int {
	switch {
	case n.number("gpus") > 0:
		return 0
	case n.Show("fpga_model") != "", n.number("ram") >= muchMemory, n.number("storage") >= muchStorage:
		return 2
	case slices.Contains(n.Facts[hardware.Properties().Index("features")].Texts, "pmem"):
		return 2
	}
	return 1
}

// number is the value of a property that is a number.
func (n *node) number(name string) int64 { return n.Facts[hardware.Properties().Index(name)].Number }

// compareCards puts the types with the most memory of a GPU first, then those with the
// most GPUs, the most threads.
func compareCards(a, b card) int {
	for _, name := range []string{"gpu_memory", "gpus", "threads", "ram"} {
		if c := cmp.Compare(b.Example.number(name), a.Example.number(name)); c != 0 {
			return c
		}
	}
	return 0
}

func (h *Hardware) card(t *typeRow) card {
	sites := h.countSites(t.nodes)
	return card{
		typeRow: *t,
		Title:   cmp.Or(t.Example.Headline(), t.Name),
		Differs: slices.ContainsFunc(t.nodes, func(n *node) bool { return n.Headline() != t.Example.Headline() }),
		Value:   t.Name,
		About:   shorten(h.about[t.Name].Lead),
		Spec:    t.spec(),
		Sites:   slices.DeleteFunc(sites, func(s siteRow) bool { return s.Count == 0 }),
	}
}

// specProperty is a property, and what it is called at a glance.
type specProperty struct{ title, property string }

// specProperties are the rows of a card, and what they are called there.
var specProperties = []specProperty{
	{"Processor", "processor"}, {"Cores", "physical_cores"}, {"Threads", "threads"}, {"Memory", "ram"},
	{"FPGA", "fpga_model"}, {"Network", "network"}, {"Storage", "storage"}, {"Features", "features"},
}

// spec is what the nodes of a type have.
func (t *typeRow) spec() (rows []specRow) {
	for _, s := range specProperties {
		row := specRow{Name: s.title, Text: t.Example.Show(s.property)}
		row.Differs = slices.ContainsFunc(t.nodes, func(n *node) bool { return n.Show(s.property) != row.Text })
		if row.Text != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// examples are questions that some node answers.
func (h *Hardware) examples() (rows []linkRow) {
	add := func(name string, to route.Page, pairs ...string) {
		rows = append(rows, linkRow{Name: name, Page: h.renderer.path(to) + "?" + query(pairs...).Encode()})
	}

	add("Free now", route.HardwareNodes, "availability", "available")
	if gpu := h.largestGPU(); gpu != "" && len(gpu) <= maxValue {
		add("1 × "+gpu+", 4 hours", route.HardwareSlots, "gpu_family", gpu, "count", "1", "unit", "gpus", "hours", "4")
	}
	if len(h.nodes) >= 8 {
		add("8 nodes at one site, 1 day", route.HardwareSlots, "count", "8", "hours", "24", "same_site", "true")
	}
	for _, feature := range hardware.Properties()[hardware.Properties().Index("features")].Choices {
		if len(rows) < maxExamples && h.hasFeature(feature.Value) {
			add(feature.Label, route.HardwareNodes, "features", feature.Value)
		}
	}

	return rows
}

// maxExamples is how many there are at most.
const maxExamples = 6

// largestGPU is the family of the GPUs with the most memory, "" for no GPUs.
func (h *Hardware) largestGPU() (family string) {
	most := int64(0)
	for _, n := range h.nodes {
		if memory := n.number("gpu_memory"); memory > most && !n.ByFlavor {
			most, family = memory, n.Show("gpu_family")
		}
	}
	return family
}

func (h *Hardware) hasFeature(name string) bool {
	row := hardware.Properties().Index("features")
	return slices.ContainsFunc(h.nodes, func(n *node) bool { return slices.Contains(n.Facts[row].Texts, name) })
}
