package route

import (
	"iter"
	"net/url"
	"slices"
	"strings"
)

// Hardware names a page of the hardware browser, by the pattern of its address.
// These pages are for people: they are no part of the API, and its description
// does not tell of them.
type Hardware string

// The pages of the hardware browser.
const (
	HardwareList    Hardware = "/hardware"
	HardwareCompare Hardware = "/hardware/compare"
	HardwareSite    Hardware = "/hardware/sites/{site}"
	HardwareCluster Hardware = "/hardware/sites/{site}/clusters/{cluster}"
	HardwareNode    Hardware = "/hardware/sites/{site}/clusters/{cluster}/nodes/{node}"
	HardwareType    Hardware = "/hardware/types/{type}"
	// HardwareChanges lists what changed, and HardwareChange is one commit, or
	// the list of a year.
	HardwareChanges        Hardware = "/hardware/changes"
	HardwareChange         Hardware = "/hardware/changes/{commit}"
	HardwareSiteHistory    Hardware = "/hardware/sites/{site}/history"
	HardwareClusterHistory Hardware = "/hardware/sites/{site}/clusters/{cluster}/history"
	HardwareNodeHistory    Hardware = "/hardware/sites/{site}/clusters/{cluster}/nodes/{node}/history"
	HardwareFlavorHistory  Hardware = "/hardware/sites/{site}/flavors/{flavor}/history"
	// HardwareMoved is where dashboards look for a node.
	HardwareMoved Hardware = "/hardware/node/{node}"
)

// HardwareIndex is the file that the hardware browser's script reads.
const HardwareIndex = "hardware/nodes.json"

var hardware = []Hardware{HardwareList, HardwareCompare, HardwareSite, HardwareCluster, HardwareNode, HardwareType, HardwareMoved,
	HardwareChanges, HardwareChange, HardwareSiteHistory, HardwareClusterHistory, HardwareNodeHistory, HardwareFlavorHistory}

// HardwarePages yields the pages of the hardware browser.
func HardwarePages() iter.Seq[Hardware] { return slices.Values(hardware) }

// Path returns the address of a page: root-relative, percent-encoded (RFC
// 3986), without a trailing slash.
func (h Hardware) Path(args ...string) string { return h.route().fill(args, url.PathEscape) }

// File returns where a page lies below the tree's root.
func (h Hardware) File(args ...string) string {
	path := h.route().fill(args, func(s string) string { return s })
	return strings.TrimPrefix(path, "/") + "/index.html"
}

func (h Hardware) route() *Route { return &Route{Pattern: string(h), Name: string(h)} }

// IsHardware reports whether a path has the shape of a page of the hardware
// browser. The path must be decoded, and without a trailing slash.
func IsHardware(path string) bool {
	return slices.ContainsFunc(hardware, func(h Hardware) bool {
		_, ok := h.route().match(path)
		return ok
	})
}
