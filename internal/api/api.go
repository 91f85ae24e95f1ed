// Package api owns the wire form: items, collections, versions, problems
// and their links, byte for byte as clients read them.
package api

import (
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// API holds what all bodies of one release have in common.
type API struct {
	// Version is the full hash of the commit that is served.
	Version string
	// Base stands before every link: nothing, a path prefix such as "/ref", or a
	// URL such as "https://api.example.org/ref". It has no trailing slash.
	Base string
	// Record is called with each link that is made, unless it is nil. A build
	// checks with it that they all work.
	Record func(href string)
}

// Href is the link to a resource.
func (a API) Href(id route.ID, args ...string) string {
	href := a.Base + id.Path(args...)
	if a.Record != nil {
		a.Record(href)
	}
	return href
}

// link is one element of links: a relation, and the route it leads to.
type link struct {
	rel  string
	to   route.ID
	args []string
}

// Item is the body of a site, cluster, node or flavor: the API's members, then
// every other member of the file in the file's order, untouched.
func (a API) Item(id route.ID, file rawjson.Object, args ...string) []byte {
	r := id.Get()
	first := r.Kind.Get().Members
	var b rawjson.Builder
	b.BeginObject()
	for _, name := range first {
		b.Key(name)
		b.Raw(value(id, name, file))
	}
	a.version(&b)
	links := []link{{"self", id, args}, a.parent(r, args)}
	for _, child := range r.Kind.Children() {
		links = append(links, link{child.Segment, child.Collection, args})
	}
	links = append(links,
		link{"versions", r.VersionsRoute, args},
		link{"version", r.VersionRoute, append(args[:len(args):len(args)], a.Version)})
	a.links(&b, links...)
	others(&b, file, first)
	b.EndObject()
	return b.Bytes()
}

// value returns a declared member as the API shows it.
func value(id route.ID, name string, file rawjson.Object) []byte {
	v := file.Get(name)
	if id == route.Cluster && name == "queues" {
		switch string(v) {
		case "", "null", "[]":
			return []byte(`["admin","default"]`)
		}
	}
	return v
}

// others writes the file's members that the API has not written itself.
func others(b *rawjson.Builder, file rawjson.Object, written []string) {
next:
	for _, m := range file.Members {
		if m.Name == "version" || m.Name == "links" {
			continue
		}
		for _, name := range written {
			if m.Name == name {
				continue next
			}
		}
		b.RawKey(m.Key)
		b.Raw(m.Value)
	}
}

// NodeEntry is a node in the document of all nodes: as in a search, but for its
// availability.
func NodeEntry(site, cluster string, file rawjson.Object) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("uid")
	b.Raw(file.Get("uid"))
	b.Key("node_type")
	b.Raw(file.Get("node_type"))
	b.Key("site_id")
	b.String(site)
	b.Key("cluster_id")
	b.String(cluster)
	others(&b, file, []string{"uid", "node_type", "site_id", "cluster_id", "availability", "availability_until"})
	b.EndObject()
	return b.Bytes()
}

// FlavorEntry is a flavor in the document of all flavors.
func FlavorEntry(site string, file rawjson.Object) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("uid")
	b.Raw(file.Get("uid"))
	b.Key("site_id")
	b.String(site)
	others(&b, file, []string{"uid", "site_id"})
	b.EndObject()
	return b.Bytes()
}

// EntryHead is how many members of a NodeEntry stand before those that say
// when the node is free.
const EntryHead = 4

// Root is the body of "/": the grid file's members, then the API's.
func (a API) Root(grid rawjson.Object, committed time.Time) []byte {
	var b rawjson.Builder
	b.BeginObject()
	others(&b, grid, []string{"timestamp"})
	a.version(&b)
	b.Key("timestamp")
	b.String(strconv.FormatInt(committed.Unix(), 10))
	a.links(&b, link{"sites", route.Sites, nil}, link{"self", route.Root, nil},
		link{"parent", route.Root, nil}, link{"versions", route.Versions, nil})
	b.EndObject()
	return b.Bytes()
}

// Collection is the body of a collection whose items are complete already.
// Total counts all items there are, of which these are those from offset on.
func (a API) Collection(id route.ID, items [][]byte, total, offset int, args ...string) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(total)
	b.Key("offset")
	b.Int(offset)
	b.Key("items")
	b.BeginArray()
	for _, item := range items {
		b.Raw(item)
	}
	b.EndArray()
	a.version(&b)
	a.SelfAndParent(&b, id, args...)
	b.EndObject()
	return b.Bytes()
}

// Tail writes what ends a document that is no collection: the version that is
// served, and the links to itself and to its parent.
func (a API) Tail(b *rawjson.Builder, id route.ID, args ...string) {
	a.version(b)
	a.SelfAndParent(b, id, args...)
}

// SelfAndParent writes the links to a document itself and to its parent.
func (a API) SelfAndParent(b *rawjson.Builder, id route.ID, args ...string) {
	a.links(b, link{"self", id, args}, a.parent(id.Get(), args))
}

func (a API) version(b *rawjson.Builder) {
	b.Key("version")
	b.String(a.Version)
}

// parent is the link to the parent that the table names.
func (a API) parent(r *route.Route, args []string) link {
	return link{"parent", r.Parent, args[:len(r.Parent.Get().Params())]}
}

func (a API) links(b *rawjson.Builder, links ...link) {
	b.Key("links")
	b.BeginArray()
	for _, l := range links {
		b.BeginObject()
		b.Key("rel")
		b.String(l.rel)
		b.Key("href")
		b.String(a.Href(l.to, l.args...))
		b.EndObject()
	}
	b.EndArray()
}
