package build

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// hardware writes the hardware browser, as it is now.
func (b *builder) hardware(h *page.Hardware) {
	body, err := h.List()
	b.page(route.HardwareList.File(), body, err)
	b.emit(tree.File{Path: route.HardwareIndex, Body: h.Index(), Time: b.head})
	body, err = h.Compare()
	b.page(route.HardwareCompare.File(), body, err)
	for _, s := range b.in.Grid.Sites {
		body, err := h.Site(s)
		b.page(route.HardwareSite.File(s.UID), body, err)
		for _, c := range s.Clusters {
			body, err := h.Cluster(s, c)
			b.page(route.HardwareCluster.File(s.UID, c.UID), body, err)
		}
	}
	for _, t := range h.Types() {
		body, err := h.Type(t)
		b.page(route.HardwareType.File(page.TypeSlug(t)), body, err)
	}
	for n := range h.Nodes() {
		if b.done {
			return
		}
		body, err := n.Page()
		b.page(route.HardwareNode.File(n.Site, n.Cluster, n.UID), body, err)
		body, err = n.Moved()
		b.page(route.LegacyNodeName.File(n.UID), body, err)
	}
}

// news writes the pages of what changed, and of resources' histories.
func (b *builder) news(h *page.Hardware) {
	c := h.Changes(b.in.History, b.log)
	body, err := c.List()
	b.page(route.HardwareChanges.File(), body, err)
	for _, y := range c.Years() {
		body, err := c.Year(y)
		b.page(route.HardwareChange.File(y), body, err)
	}
	for n, commit := range b.in.History.Commits {
		body, err := c.Commit(n)
		b.page(route.HardwareChange.File(commit.ID.String()), body, err)
	}
	for _, s := range b.in.Grid.Sites {
		body, err := c.Site(s)
		b.page(route.HardwareSiteHistory.File(s.UID), body, err)
		for _, cl := range s.Clusters {
			body, err := c.Cluster(s, cl)
			b.page(route.HardwareClusterHistory.File(s.UID, cl.UID), body, err)
			for _, n := range cl.Nodes {
				if b.done {
					return
				}
				body, err := c.Node(s, cl, n)
				b.pageAt(b.touched(n.File.Path), route.HardwareNodeHistory.File(s.UID, cl.UID, n.UID), body, err)
			}
		}
		for _, f := range s.Flavors {
			body, err := c.Flavor(s, f)
			b.pageAt(b.touched(f.File.Path), route.HardwareFlavorHistory.File(s.UID, f.UID), body, err)
		}
	}
}

// touched is the time of what tells of one file alone: that of the last commit
// that touched it. The next build takes such a page over.
func (b *builder) touched(file string) time.Time {
	commits := b.in.History.Log(file)
	if len(commits) == 0 || !b.in.Edited.IsZero() {
		return b.head
	}
	return b.times.Modified(commits[0])
}
