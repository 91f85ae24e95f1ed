package site

import (
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
)

// hardware writes the hardware browser.
func (b *builder) hardware(r *page.Renderer) {
	h, err := r.Hardware(b.in.Grid, b.nodes)
	if err != nil {
		b.fail(err)
		return
	}
	body, err := h.List()
	b.page(route.HardwareList.File(), body, err)
	b.emit(File{Path: route.HardwareIndex, Body: h.Index(), Time: b.head})
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
		b.page(route.HardwareMoved.File(n.UID), body, err)
	}
}
