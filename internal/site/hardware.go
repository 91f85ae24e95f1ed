package site

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
)

// browser is the hardware browser: its lists, which are rendered before the
// tree is written, so that a fault shows in time, and what makes the rest.
type browser struct {
	pages *page.Hardware
	lists []File
}

// hardware renders the lists of the hardware browser, and one node for each
// kind of page that nodes have.
func (b *builder) hardware(r *page.Renderer) (browser, error) {
	pages, err := r.Hardware(b.in.Grid)
	if err != nil {
		return browser{}, err
	}
	out := browser{pages: pages}
	add := func(file string, body []byte, err error) error {
		out.lists = append(out.lists, File{Path: file, Body: body, Time: b.head})
		return err
	}
	body, err := pages.List()
	if err := add(route.HardwareList.File(), body, err); err != nil {
		return out, err
	}
	body, err = pages.Compare()
	if err := add(route.HardwareCompare.File(), body, err); err != nil {
		return out, err
	}
	for _, s := range b.in.Grid.Sites {
		body, err := pages.Site(s)
		if err := add(route.HardwareSite.File(s.UID), body, err); err != nil {
			return out, err
		}
		for _, c := range s.Clusters {
			body, err := pages.Cluster(s, c)
			if err := add(route.HardwareCluster.File(s.UID, c.UID), body, err); err != nil {
				return out, err
			}
		}
	}
	for _, t := range pages.Types() {
		body, err := pages.Type(t)
		if err := add(route.HardwareType.File(page.TypeSlug(t)), body, err); err != nil {
			return out, err
		}
	}
	out.lists = append(out.lists, File{Path: route.HardwareIndex, Body: pages.Index(), Time: b.head})
	for n := range pages.Nodes() {
		if _, err := n.Page(); err != nil {
			return out, err
		}
		_, err := n.Moved()
		return out, err
	}
	return out, nil
}

// write writes the browser. Nodes' pages are many: each is rendered when its
// turn comes, so that they are not all in memory.
func (h browser) write(b *builder) {
	for _, f := range h.lists {
		b.emit(f)
	}
	for n := range h.pages.Nodes() {
		if b.done {
			return
		}
		b.emit(File{Path: route.HardwareNode.File(n.Site, n.Cluster, n.UID), Body: rendered(n.Page()), Time: b.head})
		b.emit(File{Path: route.HardwareMoved.File(n.UID), Body: rendered(n.Moved()), Time: b.head})
	}
}

// rendered is a page of a kind that was rendered before. Its template has
// nothing that fails for one node and not for another.
func rendered(body []byte, err error) []byte {
	if err != nil {
		panic(fmt.Sprintf("site: %v", err))
	}
	return body
}
