package page_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// kind is a kind of page.
type kind struct {
	Pattern string // of its addresses
	Path    string // the address of one, the one with the most in it
}

// Name is for files and for messages.
func (k kind) Name() string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(k.Pattern, "-"), "-")
}

// patterns are those of all kinds of pages.
func patterns() []string {
	all := []string{route.Docs.Path(), route.Reference.Path()}
	for p := range route.Pages() {
		all = append(all, string(p))
	}
	return all
}

// kinds finds a page of each kind in a tree. The comparison is there twice:
// without a query it has nothing to compare; so is the search for slots. So is a page of a resource that is not
// there any more: it has the pattern of one that is.
func kinds(t *testing.T, s treetest.Site) []kind {
	t.Helper()
	largest := map[string]int64{}
	at := map[string]string{}
	all := patterns()
	for _, file := range s.Paths(t) {
		name, isPage := strings.CutSuffix(file, "/index.html")
		if !isPage {
			continue
		}

		info, err := os.Stat(s.Path(file))
		if err != nil {
			t.Fatal(err)
		}

		address := "/" + name
		i := slices.IndexFunc(all, func(pattern string) bool { return matches(pattern, address) })
		if i < 0 {
			t.Errorf("%s is of no kind: every kind is looked at by the tests of this package", address)
		} else if p := all[i]; at[p] == "" || info.Size() > largest[p] {
			largest[p], at[p] = info.Size(), address
		}
	}

	var found []kind
	for _, p := range all {
		if at[p] != "" {
			found = append(found, kind{Pattern: p, Path: at[p]})
		}
	}

	former := slices.Clone(s.Changes.Former())
	slices.SortStableFunc(former, func(a, b change.Former) int { return len(b.NodeType) - len(a.NodeType) })

	return append(found, kind{
		Pattern: string(route.HardwareCompare) + "/nodes",
		Path:    route.HardwareCompare.Path() + "?nodes=" + strings.Join(first(nodesOf(s, inventory.Place{}), 3), ","),
	}, kind{
		Pattern: string(route.HardwareSlots) + "/found",
		Path:    route.HardwareSlots.Path() + "?count=2&hours=4&same_site=true",
	}, kind{
		Pattern: "/hardware/former",
		Path:    former[0].Kind.Get().Page.Path(former[0].Args()...),
	})
}

// nodesOf are the uids of the nodes of a site; the zero Place is for all.
func nodesOf(s treetest.Site, site inventory.Place) (uids []string) {
	for r := range s.Grid.In(site, route.NodeKind) {
		uids = append(uids, r.UID)
	}
	return uids
}

func first(all []string, n int) []string { return all[:min(len(all), n)] }

// matches reports whether an address has the form of a pattern.
func matches(pattern, address string) bool {
	return slices.EqualFunc(strings.Split(pattern, "/"), strings.Split(address, "/"), func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{")
	})
}

// testbed is a tree behind nginx, with a live half whose reservations are made
// up.
type testbed struct {
	treetest.Site
	URL string
}

// demonstrate serves a tree as refgen serve does, but by nginx.
func demonstrate(t *testing.T, s treetest.Site) testbed {
	t.Helper()
	return testbed{s, serveLive(t, s, treetest.Simulated(t, s))}
}
