package build

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
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

	shown := api.NewCollection(b.links, id, exampleItems(items), len(items), 0, args...)
	b.examples.offer(id, api.Encode(shown), args...)
}

// exampleItems are the first items of a collection, but for long ones.
func exampleItems[T any](items []T) []T {
	first := slices.Clone(items[:min(maxExampleItems, len(items))])
	return slices.DeleteFunc(first, func(item T) bool { return len(api.Encode(item)) > maxExampleBytes })
}

// offerChanges offers what a commit changed: the newest one that changed a few
// resources a little, else the newest.
func (b *builder) offerChanges() error {
	best := 0
	for n := range b.History.Commits {
		resources := b.log.Commit(n)
		if len(resources) == 0 || len(resources) > maxExampleChanges || !resources[0].Delta().Exists() {
			continue
		}

		short, err := b.withShortPatch(resources, len(resources))
		if err != nil {
			return err
		}
		if len(short) == len(resources) {
			best = n
			break
		}
	}

	resources, err := b.withShortPatch(b.log.Commit(best), maxExampleChanges)
	if err != nil {
		return err
	}

	set, err := b.changeSet(best, resources)
	b.examples.answers[route.VersionChanges] = openapi.Example{
		Args: []string{b.History.Commits[best].ID.String()},
		Body: api.Encode(set),
	}

	return err
}

// withShortPatch returns the first resources without a long patch, at most some.
func (b *builder) withShortPatch(resources []change.Resource, atMost int) (short []change.Resource, err error) {
	for i := range resources {
		d, err := b.log.Delta(resources[i].Delta())
		if err != nil {
			return nil, fmt.Errorf("what changed in %s: %w", resources[i].File, err)
		}
		if len(short) < atMost && len(api.Encode(Difference(d).Patch)) <= maxExamplePatch {
			short = append(short, resources[i])
		}
	}
	return short, nil
}

// offerLive offers responses of live routes, as of the hour of the newest commit: they
// are the same in every build of it.
func (b *builder) offerLive() error {
	if b.Live == nil {
		return nil
	}

	head := b.History.Head()
	live, err := b.Live(tree.Release{
		Commit:    head.ID.String(),
		Generator: Generator,
		Options:   map[string]any{"base": b.Base},
	}, b.times.Date(head).UTC().Truncate(time.Hour), b.examples.answers)
	maps.Copy(b.examples.answers, live)

	return err
}

// parameterValues returns values of parameters by their names: the path of the first
// node, and what a search finds the node by of which most is known. A value that this
// node lacks is "".
func (b *builder) parameterValues() map[string]string {
	if len(b.nodes) == 0 {
		return nil
	}

	first := &b.nodes[0]
	values := map[string]string{
		"site": first.Site, "cluster": first.Cluster, "node": first.UID, "cluster_id": first.Cluster, "node_id": first.UID,
	}

	known := func(n hardware.Node) (count int) {
		for _, f := range n.Facts {
			count += min(1, len(f.Texts)+int(min(1, f.Number)))
		}
		return count
	}

	best := slices.MaxFunc(b.nodes, func(x, y hardware.Node) int { return known(x) - known(y) })
	values["q"] = strings.ToLower(best.Type)
	properties := hardware.Properties()
	for i := range properties {
		p, fact := &properties[i], best.Facts[i]
		if p.Search != "" {
			fact.Texts = fact.Texts[:min(1, len(fact.Texts))]
			values[p.Search] = p.String(fact)
		}
		if p.Min != "" {
			values[p.Min] = p.String(fact)
		}
	}

	return values
}

// filters returns filters that find the first node.
func (b *builder) filters() []byte {
	if len(b.nodes) == 0 {
		return nil
	}

	first := &b.nodes[0]
	set := api.NodeFilterSet{FilterSetType: api.Union}
	if first.Type != "" {
		set.FilterSet = append(set.FilterSet, api.NodeFilter{NodeTypes: []string{first.Type}})
	}
	if arch := first.Facts[hardware.Properties().Index("arch")].Text(); arch != "" {
		set.FilterSet = append(set.FilterSet, api.NodeFilter{Labels: map[string]string{"architecture.platform_type": arch}})
	}

	return api.Encode(set)
}
