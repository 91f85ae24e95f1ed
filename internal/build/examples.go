package build

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

// What examples show at most.
const (
	maxExampleItems   = 2        // of a collection: what a client gets that requests as many
	maxExampleBytes   = 32 << 10 // of an item in a collection
	maxExampleChanges = 3        // resources that a commit changed
	maxExamplePatch   = 4 << 10  // bytes of the patch of each of them
)

// examples are answers of this site for its description: those about one node and one
// flavor, and about what these are in.
type examples struct {
	answers openapi.Examples
	shown   [][]string // the parameters of the node's path, and of the flavor's
}

func newExamples(g *inventory.Grid) examples {
	e := examples{answers: openapi.Examples{}}
	for _, kind := range []route.KindID{route.NodeKind, route.FlavorKind} {
		for r := range g.In(inventory.Place{}, kind) {
			e.shown = append(e.shown, r.Args())
			break
		}
	}
	return e
}

// wants reports whether a route has no example yet, and answers with these parameters
// are about what is shown.
func (e *examples) wants(id route.ID, args []string) bool {
	if id.Get().Representation == route.Version {
		args = args[:len(args)-1] // any version will do
	}

	_, known := e.answers[id]
	return !known && (len(args) == 0 || slices.ContainsFunc(e.shown, func(shown []string) bool {
		return len(args) <= len(shown) && slices.Equal(args, shown[:len(args)])
	}))
}

// offer makes an answer the example of its route, if it is wanted.
func (e *examples) offer(id route.ID, body []byte, args ...string) {
	if e.wants(id, args) {
		e.answers[id] = openapi.Example{Args: args, Body: body}
	}
}

// offerItems offers the first items of a collection, but for long ones.
func offerItems[T any](b *builder, id route.ID, items []T, args ...string) {
	if len(items) == 0 || !b.examples.wants(id, args) {
		return
	}

	first := slices.Clone(items[:min(maxExampleItems, len(items))])
	first = slices.DeleteFunc(first, func(item T) bool { return len(api.Encode(item)) > maxExampleBytes })
	b.examples.offer(id, api.Encode(api.NewCollection(b.links, id, first, len(items), 0, args...)), args...)
}

// offerChanges offers what a commit changed: the newest one that changed a few
// resources a little, else the newest.
func (b *builder) offerChanges() {
	best := 0
	for n := range b.History.Commits {
		resources := b.log.Commit(n)
		isSmall := len(resources) > 0 && len(resources) <= maxExampleChanges
		if isSmall && resources[0].Delta != nil && !slices.ContainsFunc(resources, hasLongPatch) {
			best = n
			break
		}
	}

	resources := slices.DeleteFunc(slices.Clone(b.log.Commit(best)), hasLongPatch)
	resources = resources[:min(maxExampleChanges, len(resources))]
	b.examples.answers[route.VersionChanges] = openapi.Example{
		Args: []string{b.History.Commits[best].ID.String()},
		Body: api.Encode(b.changeSet(best, resources)),
	}
}

func hasLongPatch(r change.Resource) bool {
	return r.Delta != nil && len(api.Encode(Difference(r.Delta).Patch)) > maxExamplePatch
}
