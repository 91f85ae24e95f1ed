package page

import (
	"encoding/json"
	"slices"

	"github.com/chameleoncloud/refapi/internal/route"
)

// filter makes the commits of a page selectable, by a script: it depends on what nodes are
// now, and so no page of one path has it. Without scripts, there are links.
func (c *Changes) filter(p *changesPage) {
	p.CanFilter = true
	p.Script = "changes.js"
	p.Root = c.renderer.path(route.HardwareList)
	p.Set = c.renderer.path(route.VersionChanges, "COMMIT")
	names := map[string]string{}
	for r := range c.hardware.grid.Resources() {
		if r.Kind == route.SiteKind {
			names[r.UID] = c.hardware.siteName[r.UID]
			p.Sites = append(p.Sites,
				linkRow{Name: names[r.UID], Page: c.renderer.path(route.HardwareSiteHistory, r.Args()...)})
		}
	}
	p.SiteNames = asJSON(names)

	for i := range p.Months {
		for _, commits := range [][]commitRow{p.Months[i].Commits, p.Months[i].Minor} {
			for j := range commits {
				commits[j].facets = c.facets(&commits[j])
			}
		}
	}
}

// facets are what a commit can be selected by: the kinds of its changes, and sites and node
// types that these are about.
func (c *Changes) facets(of *commitRow) map[string][]string {
	kinds, sites, types := map[string]bool{}, map[string]bool{}, map[string]bool{}
	if of.IsMerge {
		kinds["Merge"] = true
	}
	for _, h := range of.Headlines {
		kinds[h.Kind] = true
	}
	if len(of.Headlines) == 0 {
		kinds["Data only"] = true
	}

	for i := range of.resources {
		r := &of.resources[i]
		if r.Site != "" {
			sites[r.Site] = true
		}
		nodeType := r.NodeType
		if n, ok := c.hardware.byPlace[r.Place]; ok && nodeType == "" {
			nodeType = n.Type
		}
		if nodeType != "" {
			types[nodeType] = true
		}
	}

	found := map[string][]string{}
	for name, values := range map[string]map[string]bool{"kind": kinds, "site": sites, "type": types} {
		for v := range values {
			found[name] = append(found[name], v)
		}
		slices.Sort(found[name])
	}
	return found
}

// Facets are those of a commit as JSON, "" where it cannot be selected.
func (c commitRow) Facets() string {
	if c.facets == nil {
		return ""
	}
	return asJSON(c.facets)
}

// asJSON writes texts for a script.
func asJSON(v any) string {
	text, _ := json.Marshal(v) // cannot fail: it has texts only
	return string(text)
}
