package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/bidi"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// Summary says in one line for people what happened to some resources: "3 nodes
// of type gpu_a100 added at uc; 12 nodes changed at tacc (main_memory)".
func Summary(resources []Resource) string {
	var groups []*group
	index := map[groupKey]*group{}
	for i := range resources {
		r := &resources[i]
		k := groupKey{verb: r.Verb(), kind: r.Kind, site: r.Site}
		switch r.Kind {
		case inventory.KindNode:
			k.what = r.NodeType
		case inventory.KindCluster:
			k.what = r.UID
		}
		g := index[k]
		if g == nil {
			g = &group{groupKey: k}
			index[k] = g
			groups = append(groups, g)
		}
		g.add(r)
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		return CompareVerbs(a.verb, b.verb)
	})
	var parts []string
	for _, g := range groups {
		parts = append(parts, g.text())
	}
	return strings.Join(parts, "; ")
}

// What can happen to a resource.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// CompareVerbs orders what can happen as people are told of it.
func CompareVerbs(a, b string) int {
	order := []string{Added, Removed, Changed}
	return slices.Index(order, a) - slices.Index(order, b)
}

// Verb says what happened.
func (r *Resource) Verb() string {
	switch {
	case r.Before == Absent:
		return Added
	case r.After == Absent:
		return Removed
	}
	return Changed
}

type groupKey struct {
	verb       string
	kind       inventory.Kind
	site, what string
}

// group is what is told together.
type group struct {
	groupKey
	uids    []string
	members []string // that changed
}

func (g *group) add(r *Resource) {
	g.uids = append(g.uids, r.UID)
	if r.Delta == nil {
		return
	}
	for _, m := range r.Delta.Members() {
		if !slices.Contains(g.members, m) && len(g.members) < 100 {
			g.members = append(g.members, m)
		}
	}
}

func (g *group) text() string {
	var what string
	switch g.kind {
	case inventory.KindGrid:
		what = "the testbed's own description"
	case inventory.KindSite:
		what = "site " + short(g.site)
	case inventory.KindCluster:
		what = "cluster " + short(g.what)
	case inventory.KindFlavor:
		what = "flavor " + short(g.uids[0])
		if len(g.uids) > 1 {
			what = fmt.Sprintf("%d flavors", len(g.uids))
		}
	case inventory.KindNode:
		what = "1 node"
		if len(g.uids) > 1 {
			what = fmt.Sprintf("%d nodes", len(g.uids))
		}
		if g.what != "" {
			what += " of type " + short(g.what)
		}
	}
	what += " " + g.verb
	if g.kind != inventory.KindGrid && g.kind != inventory.KindSite {
		what += " at " + short(g.site)
	}
	return what + g.memberList()
}

// fewMembers is how many members are named.
const fewMembers = 5

func (g *group) memberList() string {
	if len(g.members) == 0 {
		return ""
	}
	names := slices.Sorted(slices.Values(g.members))
	more := ""
	if n := len(names) - fewMembers; n > 1 {
		names, more = names[:fewMembers], fmt.Sprintf(" and %d more", n)
	}
	for i := range names {
		names[i] = short(names[i])
	}
	return " (" + strings.Join(names, ", ") + more + ")"
}

// short cuts a name that is longer than any honest one, and keeps its direction
// to itself.
func short(name string) string {
	const enough = 60
	for i := range name {
		if i > enough {
			name = name[:i] + "…"
			break
		}
	}
	return bidi.Isolate(name)
}
