package inventory

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/chameleoncloud/refapi/internal/route"
)

// FilePath returns the path of the place's file below the root of the repository, for a
// data directory. It is not for the grid, whose file may have another name.
func (p Place) FilePath(dir string) string {
	file := p.UID + ".json"
	for id := p.Kind; id != route.GridKind; id = id.Get().Parent {
		switch {
		case id == route.SiteKind:
			file = p.Site + "/" + file
		case id == route.ClusterKind:
			file = p.Cluster + "/" + file
		}
		file = id.Get().Segment + "/" + file
	}

	if dir == "." {
		return file
	}
	return dir + "/" + file
}

// Depends returns which files of a data directory decide whether the place has a
// resource and what is in it: its own, those of the resources that contain it, and those
// whose names or uids collide with one of these. [Load] finds the resource where a
// directory lists no others.
func (p Place) Depends(dir string) func(file string) bool {
	same := sameName()
	return func(file string) bool {
		below := file
		if dir != "." {
			var ok bool
			if below, ok = strings.CutPrefix(file, dir+"/"); !ok {
				return false
			}
		}

		if !strings.Contains(below, "/") {
			return true // may be the grid's
		}
		segments := strings.Split(below, "/")

		q, ok := Place{Kind: route.GridKind}.find(segments)
		switch {
		case !ok:
			return false
		case q.Kind == p.Kind && q.Kind == route.NodeKind && norm.NFC.String(q.UID) == norm.NFC.String(p.UID):
			return true
		case p.Kind == route.GridKind:
			return q.Kind == route.SiteKind // without sites there is no data directory
		case !same(q.Site, p.Site):
			return false
		case q.Kind == route.SiteKind:
			return true
		case q.Cluster != "" && !same(q.Cluster, p.Cluster):
			return false
		}

		return q.Kind == route.ClusterKind || q.Kind == p.Kind && same(q.UID, p.UID)
	}
}

// sameName returns a function that reports whether some file system takes two names for
// one. It remembers the names that it was asked for.
func sameName() func(a, b string) bool {
	folded := map[string]string{}
	get := func(name string) string {
		f, ok := folded[name]
		if !ok {
			f = fold(name)
			folded[name] = f
		}
		return f
	}
	return func(a, b string) bool { return a == b || get(a) == get(b) }
}
