package inventory

import (
	"path"
	"strings"
)

// Kind is a kind of resource.
type Kind string

// The kinds of resources.
const (
	KindGrid    Kind = "grid"
	KindSite    Kind = "site"
	KindCluster Kind = "cluster"
	KindNode    Kind = "node"
	KindFlavor  Kind = "flavor"
)

// Place is which resource a file is, by its path alone.
type Place struct {
	Kind    Kind
	Site    string // uid, "" for the grid
	Cluster string // uid, "" for what is in none
	UID     string
}

// Place says which resource the file at a git path is or, in another commit,
// was; false for a path that no resource has.
func (g *Grid) Place(p string) (Place, bool) {
	if p == g.File.Path {
		return Place{Kind: KindGrid, UID: g.UID}, true
	}
	below := p
	if g.Dir != "." {
		below = strings.TrimPrefix(p, g.Dir+"/")
	}
	name, ok := strings.CutSuffix(path.Base(below), ".json")
	if !ok || below == p && g.Dir != "." {
		return Place{}, false
	}
	var place Place
	dirs := strings.Split(path.Dir(below), "/")
	is := func(texts ...string) bool { // the even ones
		if len(dirs) != 2*len(texts)-1 && len(dirs) != 2*len(texts) {
			return false
		}
		for i, text := range texts {
			if dirs[2*i] != text {
				return false
			}
		}
		return true
	}
	switch {
	case len(dirs) == 2 && is("sites") && dirs[1] == name:
		place = Place{Kind: KindSite, Site: name}
	case len(dirs) == 3 && is("sites", "flavors"):
		place = Place{Kind: KindFlavor, Site: dirs[1]}
	case len(dirs) == 4 && is("sites", "clusters") && dirs[3] == name:
		place = Place{Kind: KindCluster, Site: dirs[1], Cluster: name}
	case len(dirs) == 5 && is("sites", "clusters", "nodes"):
		place = Place{Kind: KindNode, Site: dirs[1], Cluster: dirs[3]}
	default:
		return Place{}, false
	}
	place.UID = name
	for _, uid := range []string{place.Site, place.Cluster, place.UID} {
		if uid != "" && checkName(uid) != "" {
			return Place{}, false
		}
	}
	if name == "" || place.Site == reservedName || place.Cluster == reservedName || place.Kind == KindFlavor && name == reservedName {
		return Place{}, false
	}
	return place, true
}
