package page

import (
	"cmp"
	"slices"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// reservePanel is filled with what a page is about, and says how to reserve it.
type reservePanel struct {
	Title      string
	Unit       string // of the number to reserve, "" for exactly the nodes
	Type       string
	Flavor     string
	Node, Name string            // uid and name
	Sites      []hardware.Choice // where there is some
	SitesJSON  string            // the URL of all sites in the API
	Slots      string            // the URL of the page that finds slots, "" for none
	Instead    *linkRow          // what one may reserve as well, nil for nothing
}

// reservePanel starts a panel.
func (r *Renderer) reservePanel(title string, sites ...hardware.Choice) *reservePanel {
	return &reservePanel{Title: title, Sites: sites, SitesJSON: r.path(route.Sites)}
}

// reserveType is the panel of a type: the site with the most of its nodes is the first choice.
// It is nil where Blazar might choose a host of virtual machines.
func (h *Hardware) reserveType(t typeRow) *reservePanel {
	if t.ByFlavor > 0 {
		return nil
	}

	p := h.renderer.reservePanel("Reserve")
	p.Type, p.Unit = t.Name, "Nodes"
	sites := h.countSites(t.nodes)
	slices.SortStableFunc(sites, func(a, b siteRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	for _, s := range sites {
		if s.Count > 0 {
			p.Sites = append(p.Sites, hardware.Choice{Value: s.UID, Label: s.Name})
		}
	}
	return p
}

// siteChoice is a site whose name the script finds.
func siteChoice(uid string) hardware.Choice { return hardware.Choice{Value: uid, Label: uid} }
