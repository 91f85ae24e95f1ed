package inventory

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// Place identifies a resource, in any commit.
type Place struct {
	Kind    route.KindID
	Site    string // uid, "" for the grid
	Cluster string // uid, "" if it is not in a cluster
	UID     string
}

// child returns the place of a resource that this one contains.
func (p Place) child(kind route.KindID, uid string) Place {
	child := Place{Kind: kind, Site: p.Site, Cluster: p.Cluster, UID: uid}
	switch kind {
	case route.SiteKind:
		child.Site = uid
	case route.ClusterKind:
		child.Cluster = uid
	}
	return child
}

// Parent returns the place of the resource that contains this one; false for the grid,
// and for sites, which only the grid contains.
func (p Place) Parent() (Place, bool) {
	switch p.Kind.Get().Parent {
	case route.SiteKind:
		return Place{Kind: route.SiteKind, Site: p.Site, UID: p.Site}, true
	case route.ClusterKind:
		return Place{Kind: route.ClusterKind, Site: p.Site, Cluster: p.Cluster, UID: p.Cluster}, true
	}
	return Place{}, false
}

// Args returns the parameters of the paths of the resource's routes.
func (p Place) Args() []string {
	var args []string
	for _, uid := range []string{p.Site, p.Cluster} {
		if uid != "" {
			args = append(args, uid)
		}
	}

	if !p.Kind.Get().InDir {
		args = append(args, p.UID)
	}

	return args
}

// Path returns the resource's path in the API, whether it exists or not.
func (p Place) Path() string { return p.Kind.Get().Item.Path(p.Args()...) }

// isReserved reports whether no resource of the place's kind can have its uid,
// because that would hide the list of versions.
func (p Place) isReserved() bool {
	return p.UID == route.VersionsSegment && p.Kind.Get().CollectionVersions != 0
}

// Place returns the resource whose file is at a git path, in any commit; false if no
// resource can have this path.
func (g *Grid) Place(p string) (Place, bool) {
	if p == g.File.Path {
		return g.place(), true
	}
	if g.Dir != "." {
		below, ok := strings.CutPrefix(p, g.Dir+"/")
		if !ok {
			return Place{}, false
		}
		p = below
	}

	return g.place().find(strings.Split(p, "/"))
}

func (g *Grid) place() Place { return Place{Kind: route.GridKind, UID: g.UID} }

// find returns the resource of a file below this one's directory, by the remaining
// segments of its path.
func (p Place) find(rest []string) (Place, bool) {
	if len(rest) < 2 {
		return Place{}, false
	}
	for id, kind := range p.Kind.Children() {
		if kind.Segment != rest[0] {
			continue
		}

		name, isFile := strings.CutSuffix(rest[1], ".json")
		if kind.InDir {
			name = rest[1]
		}

		child := p.child(id, name)
		switch {
		case checkName(name) != "" || child.isReserved():
			return Place{}, false
		case !kind.InDir && isFile && len(rest) == 2, kind.InDir && len(rest) == 3 && rest[2] == name+".json":
			return child, true
		case kind.InDir:
			return child.find(rest[2:])
		}
	}

	return Place{}, false
}
