package page

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// index is the file that the browser's script filters: each column of the list as an
// array, and what the columns are.
type index struct {
	Total      int             `json:"total"`
	UIDs       []string        `json:"uid"`
	Names      []string        `json:"name"`
	Pages      []string        `json:"pages"` // of the names of node types
	Properties []indexProperty `json:"properties"`
	Columns    map[string]any  `json:",embed"` // numbers, or a textColumn

	// StorageOfMedia has the bytes of storage on devices of each kind, in lower case:
	// filters of both need them.
	StorageOfMedia map[string][]int64 `json:"storage_of_media"`

	Flavors []indexFlavor `json:"flavors,omitempty"`
}

// indexFlavor is a flavor that a search by words finds beside nodes.
type indexFlavor struct {
	Name string `json:"name"`
	Site string `json:"site"`
	Page string `json:"page"`
	Text string `json:"text"` // that has the words
}

// indexProperty is what the scripts need to know of a column.
type indexProperty struct {
	Column string            `json:"column"`
	Name   string            `json:"name"` // of the column in tables of the API
	Title  string            `json:"title,omitzero"`
	Kind   string            `json:"kind"`
	Search string            `json:"search,omitzero"`
	Match  string            `json:"match,omitzero"`
	Min    string            `json:"min,omitzero"`
	Range  string            `json:"range,omitzero"`
	Zero   bool              `json:"zero,omitzero"`  // 0 means none, not that it is unknown
	Alias  bool              `json:"alias,omitzero"` // of the row with the same column
	Steps  []int64           `json:"steps,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Open   bool              `json:"open,omitzero"`
	Words  bool              `json:"words,omitzero"`
	List   int               `json:"list,omitzero"` // place in tables of nodes
	Sort   string            `json:"list_sort,omitzero"`
	Within string            `json:"within,omitzero"` // the column of the flag without which it does not apply
	Hidden bool              `json:"hidden,omitzero"` // from the form: no node has a value
}

// textColumn has texts, which repeat: the names, and of each node its name's number.
// Where nodes have several, it has their sets' numbers, since these repeat, too.
type textColumn struct {
	Names []string `json:"names"`
	Sets  [][]int  `json:"sets,omitempty"`
	Of    []int    `json:"of"`
}

// Index is the file that the browser's script filters.
func (h *Hardware) Index() []byte {
	out := index{Total: len(h.nodes), Columns: map[string]any{}}
	for _, n := range h.nodes {
		out.UIDs = append(out.UIDs, n.UID)
		out.Names = append(out.Names, n.Label())
	}

	properties := hardware.Properties()
	for row := range properties {
		p := &properties[row]
		if p.AliasOf != "" {
			alias := describe(p)
			alias.Column, alias.Alias = properties[properties.Index(p.AliasOf)].Column, true
			out.Properties = append(out.Properties, alias)
			continue
		}

		hidden := p.List == 0 && !h.hasValues(row)
		filters := p.Search != "" || p.Min != "" || p.Range != "" // a URL may ask for what no node has
		isText := p.Kind == hardware.KindText || p.Kind == hardware.KindSet
		switch {
		case p.Column == "" || hidden && !filters:
			continue
		case isText:
			out.Columns[p.Column] = h.texts(row)
		default:
			numbers := make([]int64, len(h.nodes))
			for i, n := range h.nodes {
				numbers[i] = n.Facts[row].Number
			}
			out.Columns[p.Column] = numbers
		}

		described := describe(p)
		described.Hidden = hidden
		if p.Name == "site_id" {
			described.Labels = h.siteName
		}
		out.Properties = append(out.Properties, described)
	}

	for _, name := range h.texts(properties.Index("node_type")).Names {
		out.Pages = append(out.Pages, h.renderer.typePage(name))
	}

	out.StorageOfMedia = h.storageOfMedia()
	for _, f := range h.flavors(inventory.Place{}) {
		out.Flavors = append(out.Flavors, indexFlavor{f.Name, f.Site.Name, f.Page, strings.Join(f.texts, "\n")})
	}
	return api.Encode(out)
}

// storageOfMedia returns the bytes of storage of all nodes by the kind of the devices.
func (h *Hardware) storageOfMedia() map[string][]int64 {
	all := map[string][]int64{}
	for i, n := range h.nodes {
		for media, bytes := range n.Media {
			if all[media] == nil {
				all[media] = make([]int64, len(h.nodes))
			}
			all[media][i] = bytes
		}
	}
	return all
}

// hasValues reports whether some node has a value in a row.
func (h *Hardware) hasValues(row int) bool {
	none := hardware.Properties()[row].Default
	return slices.ContainsFunc(h.nodes, func(n *node) bool {
		return n.Facts[row].Number > 0 || n.Facts[row].Text() != none
	})
}

func describe(p *hardware.Property) indexProperty {
	labels := map[string]string{}
	for _, c := range p.Choices {
		labels[c.Value] = c.Label
	}

	within := ""
	if p.Within != "" {
		table := hardware.Properties()
		within = table[table.Index(p.Within)].Column
	}

	return indexProperty{
		Within: within,
		Column: p.Column, Name: p.ColumnName(), Title: p.Title, Kind: p.Kind.String(),
		Search: p.Search, Match: matchName(p), Min: p.Min, Range: p.Range, Zero: p.Zero,
		Steps: p.Steps, Labels: labels,
		Open: p.Open, Words: p.Words, List: p.List, Sort: p.ListSort,
	}
}

// matchName returns how a search compares texts, "" for exactly.
func matchName(p *hardware.Property) string {
	switch p.Match {
	case hardware.AnyCase:
		return "any case"
	case hardware.Contains:
		return "contains"
	case hardware.LastWords:
		return "last words"
	}
	return ""
}

// texts returns the column of a row of texts, spelled alike. A node without any has
// the name "" where others have at most one.
func (h *Hardware) texts(row int) (out textColumn) {
	properties := hardware.Properties()
	spelling := properties.Spelling(row, hardware.FactsOf(h.read))
	isSet := properties[row].Kind == hardware.KindSet

	of := make([][]string, len(h.nodes))
	for i, n := range h.nodes {
		for _, text := range n.Facts[row].Texts {
			of[i] = append(of[i], spelling(text))
		}
		slices.Sort(of[i])
		isSet = isSet || len(of[i]) > 1
	}

	if !isSet {
		for i, texts := range of {
			of[i] = append(texts, "")[:1]
		}
	}

	out.Names = slices.Concat(of...)
	slices.Sort(out.Names)
	out.Names = slices.Compact(out.Names)

	known := map[string]int{} // a set, as one text → its number
	for _, texts := range of {
		set := make([]int, len(texts))
		for i, text := range texts {
			set[i], _ = slices.BinarySearch(out.Names, text)
		}

		if !isSet {
			out.Of = append(out.Of, set[0])
			continue
		}

		key := strings.Join(texts, "\x00")
		if _, ok := known[key]; !ok {
			known[key] = len(out.Sets)
			out.Sets = append(out.Sets, set)
		}

		out.Of = append(out.Of, known[key])
	}

	return out
}
