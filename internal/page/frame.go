package page

import "github.com/chameleoncloud/refapi/internal/route"

// area is a part of the site: a link of the header leads to each.
type area string

const (
	areaCatalogue area = "catalogue"
	areaNodes     area = "nodes"
	areaSlots     area = "slots"
	areaChanges   area = "changes"
	areaGuide     area = "guide"
	areaAPI       area = "api"
)

// in says in which area a page is, and which asset starts its modules.
func (c common) in(a area, script string) common {
	c.Area, c.Script = a, script
	return c
}

// navLink is a link of the header.
type navLink struct {
	Name, Page string
	Current    bool // leads to where the page is
}

// Nav are the links of the header.
func (c common) Nav() (links []navLink) {
	for _, to := range []struct {
		area
		name string
		at   interface{ Path(args ...string) string }
	}{
		{areaCatalogue, "Catalogue", route.HardwareList},
		{areaNodes, "All nodes", route.HardwareNodes},
		{areaSlots, "Find a slot", route.HardwareSlots},
		{areaChanges, "Changes", route.HardwareChanges},
		{areaGuide, "Guide", route.Guide},
		{areaAPI, "API", route.Reference},
	} {
		links = append(links, navLink{to.name, c.renderer.path(to.at), c.Area == to.area})
	}
	return links
}

// NoIndex reports whether search engines are asked not to list the page.
func (c common) NoIndex() bool { return c.renderer.NoIndex }

// OpenAPI is the URL path of the OpenAPI document.
func (c common) OpenAPI() string { return c.renderer.path(route.OpenAPI) }

// Docs is that of the page that tries the API out.
func (c common) Docs() string { return c.renderer.path(route.Docs) }

// Reference is that of the page that describes the API.
func (c common) Reference() string { return c.renderer.path(route.Reference) }

// Served is that of the commit that is served: the live service knows it.
func (c common) Served() string { return c.renderer.path(route.ServedVersion) }

// HardwarePages is that of the hardware browser's first page.
func (c common) HardwarePages() string { return c.renderer.path(route.HardwareList) }

// AllNodes is that of the list of all nodes, whose query is a search.
func (c common) AllNodes() string { return c.renderer.path(route.HardwareNodes) }

// GuidePages is that of the guide's contents.
func (c common) GuidePages() string { return c.renderer.path(route.Guide) }

// ChangesPages is that of the list of changes.
func (c common) ChangesPages() string { return c.renderer.path(route.HardwareChanges) }

// ChangePages is the pattern of the URLs of commits' pages.
func (c common) ChangePages() string { return c.renderer.Base + string(route.HardwareChange) }

// Index is the URL of the file that the browser's script reads.
func (c common) Index() string { return c.renderer.Base + "/" + route.HardwareIndex }

// NodePages is the pattern of the URLs of nodes' pages.
func (c common) NodePages() string { return c.renderer.Base + string(route.HardwareNode) }

// Compare is the URL of the page that shows nodes side by side.
func (c common) Compare() string { return c.renderer.path(route.HardwareCompare) }
