package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"slices"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/templates"
)

// Links tells what pages link to and load before they are rendered: those that depend
// on one commit, or on the log of one path, and so are there in the next release, too.
type Links struct {
	renderer *Renderer
	frame    []string // of every page of the browser
	commits  map[history.Hash]string
	places   map[inventory.Place]string
}

// Links prepares them. What all pages have in common is read from an empty one.
func (r *Renderer) Links() (*Links, error) {
	empty := historyPage{hardwarePage: hardwarePage{common: r.common("", "", "site.css")}}
	p, err := r.render("hardware_history.html.tmpl", empty)
	return &Links{
		renderer: r, frame: slices.Clip(p.Links),
		commits: map[history.Hash]string{}, places: map[inventory.Place]string{},
	}, err
}

// Digest is a digest of what pages are made with: the templates, and the names of
// assets, which change with their content.
func Digest(assets []Asset) (string, error) {
	hash := sha256.New()
	files, err := fs.Glob(templates.FS, "*.html.tmpl")
	if err != nil {
		return "", err
	}

	for _, name := range files {
		text, err := templates.FS.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d %s", name, len(text), text)
	}
	for _, a := range assets {
		fmt.Fprintf(hash, "%s\n", a.Path)
	}

	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Node is of [Hardware.Page] of a node.
func (l *Links) Node(n *hardware.Node, log []*history.Commit) []string {
	place := inventory.Place{Kind: route.NodeKind, Site: n.Site, Cluster: n.Cluster, UID: n.UID}
	p := hardwarePage{common: l.renderer.common("", "")}
	p.describe(place)

	above, _ := place.Parent()
	links := append(l.frame, l.trail(above)...)
	feeds := l.renderer.feeds(place)
	links = append(links, p.JSON, p.Versions, p.History, l.commit(log[0].ID), feeds.Atom, feeds.JSON)
	links = append(links, l.renderer.path(place.Kind.Get().ItemVersion, append(place.Args(), log[0].ID.String())...))
	if compare := l.renderer.compareNode(n); compare != "" {
		links = append(links, compare)
	}
	links = append(links, l.renderer.assets["node.js"])
	if n.Type != "" {
		links = append(links, l.renderer.typePage(n.Type))
	}
	if !n.ByFlavor {
		links = append(links, l.renderer.assets["reserve.json"])
		live := l.renderer.live(nodeQuery(n), 1)
		for _, link := range []string{live.Reservations, live.Calendar, live.CSV} {
			if link != "" {
				links = append(links, link)
			}
		}
	}

	return links
}

// Redirect is of [Hardware.Redirect].
func (l *Links) Redirect(node inventory.Place) []string {
	return []string{l.page(node), l.renderer.assets["icon.svg"]}
}

// History is of [Changes.History] of what has other resources in it, with these commits.
func (l *Links) History(of inventory.Place, commits []*history.Commit) []string {
	links := l.history(of)
	for _, c := range commits {
		links = append(links, l.commit(c.ID))
	}
	return links
}

// Steps is of [Changes.History] of a node or a flavor, with these versions.
func (l *Links) Steps(of inventory.Place, steps []change.Step) []string {
	links := l.history(of)
	for i := range steps[:min(len(steps), maxVersions)] {
		s := &steps[i]
		links = append(links, l.commit(s.Commit.ID))
		if s.Place != of {
			links = append(links, l.page(s.Place))
		}
		if s.Move != nil {
			links = append(links, l.page(s.Move.From.Place), l.page(s.Move.To.Place))
		}
	}
	return links
}

// history is of every page of a history.
func (l *Links) history(of inventory.Place) []string {
	links := append(l.frame, l.trail(of)...)
	links = append(links, l.renderer.path(of.Kind.Get().ItemHistory, of.Args()...))
	if of.Kind == route.SiteKind || of.Kind == route.NodeKind {
		feeds := l.renderer.feeds(of)
		links = append(links, feeds.Atom, feeds.JSON)
	}
	return links
}

// Commit is of [Changes.Commit], with all that the commit changed: the page may leave out
// some where it is much.
func (l *Links) Commit(c *history.Commit, changed []change.Resource) []string {
	links := append(l.frame, l.renderer.path(route.VersionChanges, c.ID.String()))
	for _, p := range c.Parents {
		links = append(links, l.commit(p))
	}
	for i := range changed {
		links = append(links, l.page(changed[i].Place))
	}

	return links
}

// Former is of [Changes.Former].
func (l *Links) Former(f *change.Former) []string {
	links := l.frame
	if above, ok := f.Parent(); ok {
		links = append(links, l.trail(above)...)
	}
	if f.Removal != nil {
		links = append(links, l.commit(f.Removal.ID))
	}
	if f.Move != nil {
		links = append(links, l.page(f.Move.To.Place))
		if f.Move.Came != nil {
			links = append(links, l.commit(f.Move.Came.ID))
		}
	}
	if f.NodeType != "" {
		links = append(links, l.renderer.nodesLike(f.NodeType))
	}
	if f.HasFeeds() {
		feeds := l.renderer.feeds(f.Place)
		links = append(links, feeds.Atom, feeds.JSON)
	}
	if f.Joined {
		links = append(links, l.renderer.path(f.Kind.Get().HistoryPage, f.Args()...))
	}
	if f.Kind == route.NodeKind && f.Move == nil {
		links = append(links, l.renderer.path(route.HardwareNodes)+"?"+url.Values{"q": {f.UID}}.Encode())
	}

	return links
}

// trail are the pages of a resource and of what it is in, as far as they are above a
// page about it.
func (l *Links) trail(p inventory.Place) (links []string) {
	for ok := true; ok; p, ok = p.Parent() {
		links = append(links, l.page(p))
	}
	return links
}

// page is the URL of a resource's page. Thousands of commits may have changed it.
func (l *Links) page(p inventory.Place) string {
	page, ok := l.places[p]
	if !ok {
		page = l.renderer.pageOf(p)
		l.places[p] = page
	}
	return page
}

// commit is the URL of a commit's page.
func (l *Links) commit(id history.Hash) string {
	page, ok := l.commits[id]
	if !ok {
		page = l.renderer.path(route.HardwareChange, id.String())
		l.commits[id] = page
	}
	return page
}
