package page

import (
	"cmp"
	"fmt"
	"net/url"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/route"
)

// formerPage is filled with what is not in the grid.
type formerPage struct {
	hardwarePage
	change.Former
	Label   string
	Removed *commitRow // nil if no commit removed it
	Move    *moveRow   // nil where nothing took its place
	Like    string     // the URL of the list of nodes of its type, "" for none
	Search  string     // the URL of the list of nodes with its uid, "" for other kinds
}

// Former is the page at the URL of a resource that is not in the grid any more. It stays
// for the links of pages that do not depend on whether the resource exists, and links
// only to pages that stay, too.
func (c *Changes) Former(f change.Former) (Page, error) {
	above, _ := f.Parent()
	p := formerPage{Former: f, Label: cmp.Or(f.Name, f.UID)}

	name := fmt.Sprintf("%s %s", f.Kind, change.Isolate(p.Label))
	if f.Kind != route.SiteKind {
		name += " at " + change.Isolate(f.Site)
	}
	about := "What became of the " + name + "."
	p.hardwarePage = c.hardware.page("Not in the testbed: "+name, about, c.hardware.trail(above)...)

	if f.Removal != nil {
		p.Removed = &c.rows[c.index[f.Removal.ID]]
	}
	if f.Move != nil {
		p.Move = c.move(f.Move)
	}
	if f.HasFeeds() {
		p.Feeds = c.renderer.feeds(f.Place)
	}
	if f.Joined {
		p.History = c.renderer.path(f.Kind.Get().HistoryPage, f.Args()...)
	}
	if f.NodeType != "" {
		p.Like = c.renderer.nodesLike(f.NodeType)
	}
	if f.Kind == route.NodeKind && f.Move == nil {
		p.Search = c.renderer.path(route.HardwareNodes) + "?" + url.Values{"q": {f.UID}}.Encode()
	}

	return c.renderer.render("hardware_former.html.tmpl", p)
}

// nodesLike is the URL of the list of nodes of a type, whether there still are any or not.
func (r *Renderer) nodesLike(nodeType string) string {
	return r.path(route.HardwareNodes) + "?" + query("node_type", nodeType).Encode()
}
