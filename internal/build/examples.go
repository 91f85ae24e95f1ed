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
	chosen map[route.ID]func() (openapi.Example, error)
	shown  [][]string // the parameters of the node's path, and of the flavor's
}

func newExamples(g *inventory.Grid) examples {
	e := examples{chosen: map[route.ID]func() (openapi.Example, error){}}
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
	if e.chosen[id] != nil {
		return false
	}
	if id.Get().Representation == route.Version {
		args = args[:len(args)-1] // any version will do
	}

	return len(args) == 0 || slices.ContainsFunc(e.shown, func(shown []string) bool {
		return len(args) <= len(shown) && slices.Equal(args, shown[:len(args)])
	})
}

// offerAny makes an answer the example of its route, if that has none.
func (e *examples) offerAny(id route.ID, body content, args ...string) {
	if e.chosen[id] == nil {
		e.chosen[id] = exampleOf(body, args)
	}
}

// offer makes an answer the example of its route, if it is wanted.
func (e *examples) offer(id route.ID, body content, args ...string) {
	if e.wants(id, args) {
		e.chosen[id] = exampleOf(body, args)
	}
}

func exampleOf(body content, args []string) func() (openapi.Example, error) {
	return func() (openapi.Example, error) {
		text, err := body()
		return openapi.Example{Args: args, Body: text}, err
	}
}

// answers makes the examples.
func (e *examples) answers() (openapi.Examples, error) {
	answers := openapi.Examples{}
	for id, example := range e.chosen {
		var err error
		if answers[id], err = example(); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// exampleItems are the first items of a collection, but for long ones.
func exampleItems[T any](items []T) []T {
	first := slices.Clone(items[:min(maxExampleItems, len(items))])
	return slices.DeleteFunc(first, func(item T) bool { return len(api.Encode(item)) > maxExampleBytes })
}

// exampleChanges is what a commit changed: the newest one that changed a few
// resources a little, else the newest.
func (b *builder) exampleChanges() (openapi.Example, error) {
	log, err := b.Changes()
	if err != nil {
		return openapi.Example{}, err
	}

	best := 0
	for n := range b.History.Commits {
		resources := log.Commit(n)
		if len(resources) == 0 || len(resources) > maxExampleChanges || !resources[0].Delta().Exists() {
			continue
		}

		short, err := withShortPatch(log, resources, len(resources))
		if err != nil {
			return openapi.Example{}, err
		}
		if len(short) == len(resources) {
			best = n
			break
		}
	}

	resources, err := withShortPatch(log, log.Commit(best), maxExampleChanges)
	if err != nil {
		return openapi.Example{}, err
	}

	set, err := b.changeSet(log, best, resources)
	return openapi.Example{Args: []string{b.History.Commits[best].ID.String()}, Body: api.Encode(set)}, err
}

// withShortPatch returns the first resources without a long patch, at most some.
func withShortPatch(log *change.Log, resources []change.Resource, atMost int) (short []change.Resource, err error) {
	for i := range resources {
		d, err := log.Delta(resources[i].Delta())
		if err != nil {
			return nil, fmt.Errorf("what changed in %s: %w", resources[i].GitPath, err)
		}
		if len(short) < atMost && len(api.Encode(Difference(d).Patch)) <= maxExamplePatch {
			short = append(short, resources[i])
		}
	}
	return short, nil
}

// allExamples makes the examples, with responses of live routes as of the hour of the
// newest commit: they are the same in every build of it.
func (b *builder) allExamples() (openapi.Examples, error) {
	answers, err := b.examples.answers()
	if err != nil || b.Live == nil {
		return answers, err
	}

	head := b.History.Head()
	live, err := b.Live(tree.Release{
		Commit:    head.ID.String(),
		Generator: Generator,
		Options:   map[string]any{"base": b.Base},
	}, b.times.Date(head).UTC().Truncate(time.Hour), answers)
	maps.Copy(answers, live)

	return answers, err
}

// parameterValues returns values of parameters by their names: the path of the first
// node, and what a search finds the node by of which most is known. A value that this
// node lacks is "".
func (b *builder) parameterValues() map[string]string {
	nodes := b.nodes()
	if len(nodes) == 0 {
		return nil
	}

	first := &nodes[0]
	values := map[string]string{
		"site": first.Site, "cluster": first.Cluster, "node": first.UID, "cluster_id": first.Cluster, "node_id": first.UID,
	}

	known := func(n hardware.Node) (count int) {
		for _, f := range n.Facts {
			count += min(1, len(f.Texts)+int(max(0, min(1, f.Number))))
		}
		return count
	}

	best := slices.MaxFunc(nodes, func(x, y hardware.Node) int { return known(x) - known(y) })
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
	nodes := b.nodes()
	if len(nodes) == 0 {
		return nil
	}

	first := &nodes[0]
	set := api.NodeFilterSet{FilterSetType: api.Union}
	if first.Type != "" {
		set.FilterSet = append(set.FilterSet, api.NodeFilter{NodeTypes: []string{first.Type}})
	}
	if arch := first.Facts[hardware.Properties().Index("arch")].Text(); arch != "" {
		set.FilterSet = append(set.FilterSet, api.NodeFilter{Labels: map[string]string{"architecture.platform_type": arch}})
	}

	return api.Encode(set)
}
