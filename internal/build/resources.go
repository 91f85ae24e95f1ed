package build

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// resources writes every resource with its versions, each with what it contains.
func (b *builder) resources() {
	w := resourceWriter{builder: b, in: map[string][]inventory.Resource{}, made: map[inventory.Place]rawjson.Value{}}
	var grid inventory.Resource

	for r := range b.Grid.Resources() {
		if r.Kind == route.GridKind {
			grid = r
			continue
		}
		args := r.Args()
		collection := r.Kind.Get().Collection.Path(args[:len(args)-1]...)
		w.in[collection] = append(w.in[collection], r)
	}

	w.write(grid)
}

// resourceWriter writes resources and collections of them.
type resourceWriter struct {
	*builder
	in   map[string][]inventory.Resource   // by the collection's path
	made map[inventory.Place]rawjson.Value // items, until their collection is rendered
}

// write writes a resource, and all that it contains.
func (w *resourceWriter) write(r inventory.Resource) {
	if w.done {
		return
	}

	kind, args := r.Kind.Get(), r.Args()
	body := func() ([]byte, error) { return api.Encode(w.item(r)), nil }
	w.examples.offer(kind.Item, body, args...)
	w.put(kind.Item, func() ([]byte, error) {
		item, err := body()
		w.made[r.Place] = item
		return item, err
	}, args...)

	if r.Kind != route.GridKind {
		w.versionsOf(kind.Item, r.LogPath(), args...)
	}

	for _, child := range r.Kind.Children() {
		in := w.in[child.Collection.Path(args...)]
		for _, r := range in {
			w.write(r)
		}

		putCollection(w.builder, child.Collection, len(in), w.first(in), args...)
		if child.CollectionVersions != 0 {
			w.versionsOf(child.Collection, r.CollectionLogPath(child), args...)
		}
	}

	if r.Kind == route.SiteKind {
		w.siteFeeds(r.Site)
	}
}

// first returns the function that makes the first items of a collection, of which most
// are there: their own files were rendered before.
func (w *resourceWriter) first(in []inventory.Resource) func(n int) ([]rawjson.Value, error) {
	return func(n int) (items []rawjson.Value, err error) {
		for _, r := range in[:n] {
			item, ok := w.made[r.Place]
			if !ok {
				item = api.Encode(w.item(r))
			}
			items = append(items, item)
			delete(w.made, r.Place)
		}
		return items, nil
	}
}

// item is the body of a resource at HEAD.
func (b *builder) item(r inventory.Resource) any {
	return itemOf(b.links, b.History.Head().Committer.When, r)
}

// itemOf is the body of a resource, of a commit that was committed at a time.
func itemOf(links api.Links, committed time.Time, r inventory.Resource) any {
	file, args := r.File.Object, r.Args()
	switch r.Kind {
	case route.SiteKind:
		return links.Site(file, args...)
	case route.ClusterKind:
		return links.Cluster(file, args...)
	case route.NodeKind:
		return links.Node(file, args...)
	case route.FlavorKind:
		return links.Flavor(file, args...)
	}

	return links.Grid(file, committed)
}
