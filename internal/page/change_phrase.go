package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// phrase is one headline, as it is put together.
type phrase struct {
	kind, nodeType, from, to string
	resource                 route.KindID
	isSpelling               bool
	members                  map[string]int // of how many of the resources they are

	names []string
	seen  map[inventory.Place]bool
	old   string // the name before of the first of those that moved
	sites []string
}

// headlines says what a commit did to some resources, the most important first.
func headlines(resources []change.Resource) []headline {
	type key struct {
		kind, nodeType, from, to string
		resource                 route.KindID
		isSpelling, isEmpty      bool
	}
	var phrases []*phrase
	index := map[key]*phrase{}
	told := map[*change.Move]bool{} // both ends may be among the resources

	for i := range resources {
		r := &resources[i]
		if r.Move != nil && told[r.Move] {
			continue
		}

		kind, members, about := kindOfChange(r)
		k := key{kind: kind, resource: r.Kind, isSpelling: about == change.AboutSpelling, isEmpty: len(members) == 0}
		name, site := cmp.Or(r.Name, r.UID), r.Site
		if r.Kind == route.NodeKind && (kind == "Added" || kind == "Removed") {
			k.nodeType = r.NodeType
		}
		if m := r.Move; m != nil {
			told[m] = true
			name, k.nodeType = cmp.Or(m.To.Name, m.To.UID), m.To.NodeType
			if !m.Replaced {
				k.from, k.to = m.Ends()
			}
			if m.From.Site != m.To.Site {
				site = ""
			}
		}

		p := index[k]
		if p == nil {
			p = &phrase{kind: kind, isSpelling: k.isSpelling, members: map[string]int{}, seen: map[inventory.Place]bool{}, nodeType: k.nodeType, from: k.from, to: k.to, resource: r.Kind}
			index[k] = p
			phrases = append(phrases, p)
		}
		if m := r.Move; m != nil && p.names == nil {
			p.old = cmp.Or(m.From.Name, m.From.UID)
		}
		if !p.seen[r.Place] { // by several commits
			p.seen[r.Place] = true
			p.names = append(p.names, name)
		}
		for _, m := range members {
			p.members[m]++
		}
		if site != "" && !slices.Contains(p.sites, site) && r.Kind != route.SiteKind && r.Kind != route.GridKind {
			p.sites = append(p.sites, site)
		}
	}

	// Of one kind, what is about most resources comes first; nodes come before what they
	// are in.
	slices.SortStableFunc(phrases, func(a, b *phrase) int {
		return cmp.Or(
			slices.Index(changeKinds, a.kind)-slices.Index(changeKinds, b.kind),
			b.rank()-a.rank(), len(b.names)-len(a.names))
	})

	lines := make([]headline, len(phrases))
	for i, p := range phrases {
		lines[i] = headline{Kind: p.kind, Text: p.text(), IsMinor: p.isSpelling}
		lines[i].same, lines[i].alike = p.topic()
	}
	return lines
}

// topic returns what phrases have in common that say the same of other resources, and those
// that say something alike.
func (p *phrase) topic() (same, alike string) {
	what := fmt.Sprintf("%q %d %q %q %q", p.kind, p.resource, p.nodeType, p.from, p.to)
	switch p.kind {
	case "Hardware", "Firmware", "Data only":
		members := slices.Sorted(maps.Keys(p.members))
		return fmt.Sprintf("%s %q", what, members), fmt.Sprintf("%s %q", what, slices.Sorted(slices.Values(p.sites)))
	}
	return what, what
}

// rank orders phrases of one kind by what they are about.
func (p *phrase) rank() int {
	return slices.Index([]route.KindID{route.GridKind, route.ClusterKind, route.SiteKind, route.FlavorKind, route.NodeKind},
		p.resource)
}

// list joins names as a sentence has them, some of many.
func list(names []string) string {
	const most = 4
	if n := len(names) - most; n > 1 {
		names = append(names[:most:most], fmt.Sprintf("%d more", n))
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// text is the sentence.
func (p *phrase) text() string {
	what := p.subject()
	switch p.kind {
	case "Added", "Removed":
		return what + " " + strings.ToLower(p.kind) + p.at()
	case "Moved":
		if p.from == "" {
			return what + p.renamed()
		}
		return what + " moved from " + change.Isolate(p.from) + " to " + change.Isolate(p.to) + p.at()
	case "Replaced":
		if len(p.names) == 1 {
			return change.Isolate(clip(p.names[0])) + p.at() + " is another machine"
		}
		return fmt.Sprintf("%d names%s are other machines", len(p.names), p.at())
	}

	return what + p.at() + ": " + aboutMembers(p.kind, p.mostMembers(), p.isSpelling)
}

// renamed says that machines are where they were.
func (p *phrase) renamed() string {
	switch {
	case len(p.names) > 1:
		return " renamed" + p.at()
	case p.old == p.names[0]:
		return p.at() + " has another uid"
	}
	return " is the new name of " + change.Isolate(clip(p.old)) + p.at()
}

// mostMembers lists what changed, first what did in most of the resources.
func (p *phrase) mostMembers() string {
	names := slices.SortedFunc(maps.Keys(p.members), func(a, b string) int {
		return cmp.Or(p.members[b]-p.members[a], strings.Compare(a, b))
	})
	return list(names)
}

// aboutMembers says what changed in a file, by the titles of members.
func aboutMembers(kind, members string, isSpelling bool) string {
	switch {
	case kind == "Unreadable":
		return "the file cannot be read, or can be again"
	case members == "":
		return "only white space, key order or file mode"
	case isSpelling:
		return "another form of " + members
	}

	switch kind {
	case "Type", "Cost", "Note", "Place":
		return "another " + strings.ToLower(kind)
	case "Firmware":
		return "firmware: " + members
	}
	return members
}

// subject names the resources, or counts them.
func (p *phrase) subject() string {
	what := ""
	switch {
	case p.resource == route.GridKind:
		return "The testbed's own description"
	case len(p.names) > 1:
		what = fmt.Sprintf("%d %ss", len(p.names), p.resource)
	case p.resource == route.NodeKind:
		what = change.Isolate(clip(p.names[0]))
	default:
		what = asSentence(p.resource.String()) + " " + change.Isolate(clip(p.names[0]))
	}
	if p.nodeType != "" {
		what += " of type " + change.Isolate(clip(p.nodeType))
	}
	return what
}

// at names the sites, if there are few.
func (p *phrase) at() string {
	switch n := len(p.sites); {
	case n == 0:
		return ""
	case n > 3:
		return fmt.Sprintf(" at %d sites", n)
	}
	sites := make([]string, len(p.sites))
	for i, s := range p.sites {
		sites[i] = change.Isolate(clip(s))
	}
	return " at " + list(sites)
}
