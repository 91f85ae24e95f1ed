package page

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// matrix is how many nodes of each site have a property.
type matrix struct {
	Sites  []siteRow
	Groups []matrixGroup
}

// Columns is how many the table has.
func (m matrix) Columns() int { return len(m.Sites) + 2 }

// matrixGroup is rows under a title.
type matrixGroup struct {
	Title string
	Rows  []matrixRow
}

// matrixRow is a value of a property.
type matrixRow struct {
	Name     string
	Facet    string // the property, as the live service calls it
	Value    string
	Unstated int       // nodes whose files do not state the property, where that says something
	Cells    []linkRow // one for each site, and one for all
}

// matrixGroups are the properties whose values are the rows.
var matrixGroups = []struct {
	title      string
	properties []string
}{
	{"GPU", []string{"gpu_family"}},
	{"Architecture", []string{"arch"}},
	{"Network", []string{"network", "infiniband"}},
	{"Also", []string{"features", "nvme", "fpga_model"}},
}

// matrixFacets are the properties of the rows, as the live service counts them, and the sites.
func matrixFacets() string {
	properties := hardware.Properties()
	names := []string{"site_id"}
	for _, of := range matrixGroups {
		for _, name := range of.properties {
			names = append(names, properties[properties.Index(name)].Facet)
		}
	}
	return strings.Join(names, ",")
}

// matrix counts the nodes of each site by what they have. Each count leads to them.
func (h *Hardware) matrix() (m matrix) {
	for _, s := range h.countSites(h.nodes) {
		if s.Count > 0 {
			m.Sites = append(m.Sites, s)
		}
	}

	for _, of := range matrixGroups {
		group := matrixGroup{Title: of.title}
		for _, name := range of.properties {
			group.Rows = append(group.Rows, h.matrixRows(name, m.Sites)...)
		}
		if len(group.Rows) > 0 {
			m.Groups = append(m.Groups, group)
		}
	}

	return m
}

// matrixRows has a row for each value of a property that says that nodes have something.
func (h *Hardware) matrixRows(name string, sites []siteRow) (rows []matrixRow) {
	properties := hardware.Properties()
	row := properties.Index(name)
	p := &properties[row]

	index := map[string]int{}
	for _, value := range properties.Count(row, h.read) {
		if value.Value == "" || value.Value == "false" || value.Value == "0" || len(value.Value) > maxValue {
			continue
		}
		if len(rows) == maxMatrixRows {
			break
		}
		index[value.Value] = len(rows)
		rows = append(rows, matrixRow{Facet: p.Facet, Value: value.Value, Cells: h.matrixCells(p, value.Value, sites)})
	}

	for _, n := range h.nodes {
		for _, value := range p.Values(n.Facts[row]) {
			i, ok := index[value]
			if !ok {
				continue
			}
			rows[i].Name = cmp.Or(rows[i].Name, matrixName(p, n.Facts[row], value))
			rows[i].Cells[len(sites)].Count++
			if s := slices.IndexFunc(sites, func(s siteRow) bool { return s.UID == n.Site }); s >= 0 {
				rows[i].Cells[s].Count++
			}
		}
	}

	if unstated, ok := properties.CountUnstated(row, h.read); ok && p.Kind == hardware.KindFlag {
		for i := range rows {
			rows[i].Unstated = unstated
		}
	}

	return rows
}

// The matrix is an overview: the list has all. Values are in URLs.
const (
	maxMatrixRows = 50 // of a property
	maxValue      = 200
)

// matrixName is a value for people.
func matrixName(p *hardware.Property, of hardware.Fact, value string) string {
	if p.Kind == hardware.KindFlag {
		return p.Title
	}
	return p.Display(hardware.Fact{Texts: []string{value}, Number: of.Number})
}

// matrixCells are a row's links to its nodes.
func (h *Hardware) matrixCells(p *hardware.Property, value string, sites []siteRow) []linkRow {
	cells := make([]linkRow, len(sites)+1)
	filter := url.Values{cmp.Or(p.Search, p.Range): {route.ListValue(value)}}
	for i := range cells {
		if i < len(sites) {
			filter.Set("site_id", route.ListValue(sites[i].UID))
		} else {
			filter.Del("site_id")
		}
		cells[i].Page = h.renderer.path(route.HardwareNodes) + "?" + filter.Encode()
	}
	return cells
}
