package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// Summary describes changes in one line: "3 nodes of type gpu_a100 added at uc; 12
// nodes changed at tacc (main_memory)".
func Summary(resources []Resource) string {
	var groups []*group
	index := map[groupKey]*group{}
	told := map[*Move]bool{} // both ends may be among the resources
	for i := range resources {
		r := &resources[i]
		if m := r.Move; m != nil {
			if told[m] {
				continue
			}
			told[m] = true
		}

		k := keyOf(r)
		g := index[k]
		if g == nil {
			g = &group{groupKey: k}
			index[k] = g
			groups = append(groups, g)
		}

		g.add(r)
	}

	slices.SortStableFunc(groups, func(a, b *group) int {
		return CompareActions(a.action, b.action)
	})

	var parts []string
	for _, g := range groups {
		parts = append(parts, g.text())
	}

	return strings.Join(parts, "; ")
}

// Actions on a resource. The one that a commit removed and the one that it added may be
// joined to one that moved, or was replaced.
const (
	Added    = "added"
	Removed  = "removed"
	Moved    = "moved"
	Replaced = "replaced"
	Changed  = "changed"
)

// CompareActions orders actions as they are declared.
func CompareActions(a, b string) int {
	order := []string{Added, Removed, Moved, Replaced, Changed}
	return slices.Index(order, a) - slices.Index(order, b)
}

// Action returns Added, Removed or Changed.
func (r *Resource) Action() string {
	switch {
	case r.Before == Absent:
		return Added
	case r.After == Absent:
		return Removed
	}
	return Changed
}

type groupKey struct {
	action     string
	kind       route.KindID
	site, what string
	from, to   string // of those that moved: sites, or clusters of the site
}

// keyOf returns what the resources of one phrase have in common.
func keyOf(r *Resource) groupKey {
	k := groupKey{action: r.Action(), kind: r.Kind, site: r.Site}
	switch r.Kind {
	case route.NodeKind:
		k.what = r.NodeType
	case route.ClusterKind:
		k.what = r.UID
	}

	if m := r.Move; m != nil {
		k.action, k.what = m.Action(), m.To.NodeType
		if !m.Replaced {
			k.from, k.to = m.Ends()
		}
		if m.From.Site != m.To.Site {
			k.site = ""
		}
	}

	return k
}

// group has the resources of one phrase.
type group struct {
	groupKey
	uids    []string
	members []string // that changed
}

func (g *group) add(r *Resource) {
	g.uids = append(g.uids, r.UID)
	for _, m := range r.Members {
		if !slices.Contains(g.members, m) && len(g.members) < maxSeenMembers {
			g.members = append(g.members, m)
		}
	}
}

func (g *group) text() string {
	what := g.kind.String() + " " + short(g.uids[0])
	switch {
	case g.kind == route.GridKind:
		what = "the testbed's own description"
	case g.kind == route.NodeKind && len(g.uids) == 1:
		what = "1 node"
	case len(g.uids) > 1:
		what = fmt.Sprintf("%d %ss", len(g.uids), g.kind)
	}

	if g.kind == route.NodeKind && g.what != "" {
		what += " of type " + short(g.what)
	}

	isRenamed := g.action == Moved && g.from == ""
	if isRenamed {
		what += " renamed"
	} else {
		what += " " + g.action
	}
	switch {
	case isRenamed:
	case g.action == Moved:
		what += " from " + short(g.from) + " to " + short(g.to)
	case g.action == Replaced && len(g.uids) == 1:
		what += " by another machine of its name"
	case g.action == Replaced:
		what += " by other machines of their names"
	}

	if g.kind != route.GridKind && g.kind != route.SiteKind && g.site != "" {
		what += " at " + short(g.site)
	}

	return what + g.memberList()
}

// maxMembers is the number of members that a phrase names, maxSeenMembers the
// number up to which it counts them.
const (
	maxMembers     = 5
	maxSeenMembers = 100
)

func (g *group) memberList() string {
	if len(g.members) == 0 {
		return ""
	}

	names := slices.Sorted(slices.Values(g.members))
	more := ""
	if n := len(names) - maxMembers; n > 1 {
		names, more = names[:maxMembers], fmt.Sprintf(" and %d more", n)
	}

	for i := range names {
		names[i] = short(names[i])
	}

	return " (" + strings.Join(names, ", ") + more + ")"
}

// short truncates a very long name and isolates its direction.
func short(name string) string {
	const maxBytes = 60
	for i := range name {
		if i > maxBytes {
			name = name[:i] + "…"
			break
		}
	}
	return Isolate(name)
}
