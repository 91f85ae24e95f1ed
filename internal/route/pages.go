package route

import (
	"iter"
	"net/url"
	"slices"
	"strings"
)

// Page is a kind of HTML page: the pattern of its path. Pages are not in the
// OpenAPI document.
type Page string

// The pages of the hardware browser. HardwareList is its first page; HardwareNodes has all nodes.
const (
	HardwareList    Page = "/hardware"
	HardwareNodes   Page = "/hardware/nodes"
	HardwareCompare Page = "/hardware/compare"
	// HardwareSlots finds time slots. Its query is that of Slots.
	HardwareSlots Page = "/hardware/slots"
	// HardwareTimeline is a timeline alone, for frames of other sites' pages. Its query is that
	// of NodesAvailability.
	HardwareTimeline Page = "/hardware/timeline"
	HardwareSite     Page = "/hardware/sites/{site}"
	HardwareCluster  Page = "/hardware/sites/{site}/clusters/{cluster}"
	HardwareNode     Page = "/hardware/sites/{site}/clusters/{cluster}/nodes/{node}"
	HardwareFlavor   Page = "/hardware/sites/{site}/flavors/{flavor}"
	HardwareType     Page = "/hardware/types/{type}"
	// HardwareChanges lists recent changes. HardwareChange has a commit's changes,
	// or those of a year.
	HardwareChanges        Page = "/hardware/changes"
	HardwareChange         Page = "/hardware/changes/{commit}"
	HardwareSiteHistory    Page = "/hardware/sites/{site}/history"
	HardwareClusterHistory Page = "/hardware/sites/{site}/clusters/{cluster}/history"
	HardwareNodeHistory    Page = "/hardware/sites/{site}/clusters/{cluster}/nodes/{node}/history"
	HardwareFlavorHistory  Page = "/hardware/sites/{site}/flavors/{flavor}/history"
	// LegacyReference is where the API reference was.
	LegacyReference Page = "/redoc"
	// LegacyNodeName is the path by which dashboards link to a node's uid.
	LegacyNodeName Page = "/hardware/node/{node}"
	// LegacyNodePath is their other path, with site and cluster. It has no file:
	// servers redirect it to HardwareNode.
	LegacyNodePath Page = "/hardware/node/sites/{site}/clusters/{cluster}/nodes/{node}"
)

// The pages of the guide.
const (
	Guide        Page = "/guide"
	GuideChapter Page = "/guide/{chapter}"
)

// HardwareIndex is the file that the script of the hardware browser loads. No page has its
// path without the suffix, at which servers look for a page and for a .json file.
const HardwareIndex = "hardware/columns.json"

var pages = []Page{
	HardwareList, HardwareNodes, HardwareCompare, HardwareSlots, HardwareTimeline,
	HardwareSite, HardwareCluster, HardwareNode, HardwareFlavor, HardwareType, LegacyReference, LegacyNodeName,
	HardwareChanges, HardwareChange,
	HardwareSiteHistory, HardwareClusterHistory, HardwareNodeHistory, HardwareFlavorHistory,
	Guide, GuideChapter,
}

// Pages yields the kinds of HTML pages.
func Pages() iter.Seq[Page] { return slices.Values(pages) }

// Path returns the path of a page: root-relative, percent-encoded (RFC
// 3986), without a trailing slash.
func (p Page) Path(args ...string) string { return p.route().fill(args, url.PathEscape) }

// File returns the path of a page's file below the tree's root.
func (p Page) File(args ...string) string {
	path := p.route().fill(args, func(s string) string { return s })
	return strings.TrimPrefix(path, "/") + "/index.html"
}

func (p Page) route() *Route { return &Route{Pattern: string(p), Name: string(p)} }

// PagePrefixes are the paths below which everything is a page, errors too.
func PagePrefixes() []string { return []string{string(HardwareList), string(Guide)} }

// HasPageErrors reports whether a 404 of a decoded path is a page.
func HasPageErrors(path string) bool {
	return slices.ContainsFunc(PagePrefixes(), func(prefix string) bool {
		return path == prefix || strings.HasPrefix(path, prefix+"/")
	})
}

// IsPage reports whether a path has the shape of an HTML page. The path
// must be decoded, and without a trailing slash.
func IsPage(path string) bool {
	return slices.ContainsFunc(pages, func(p Page) bool {
		_, ok := p.route().match(path)
		return ok
	})
}

// legacyNodePage returns the path of the page that a legacy path, of the form of
// LegacyNodePath, redirects to. Both are percent-encoded; the legacy path may end
// in a slash, the other does not.
func legacyNodePage(escaped string) (page string, ok bool) {
	escaped = strings.TrimSuffix(escaped, "/")
	_, ok = LegacyNodePath.route().match(escaped)
	return strings.Replace(escaped, "/node", "", 1), ok
}
