// Package build turns an inventory and its history into the files of the
// published tree. It is pure: the same input gives the same files, byte for
// byte and second for second, on every machine.
package build

import (
	"cmp"
	"fmt"
	"iter"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/private"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Revision counts the changes of the generator's output, from its first release
// on. Raise it with the first change of what is written after a release:
// modification times move by it, and so do ETags.
const Revision = 2

// Input is what a site is made from.
type Input struct {
	Grid    *inventory.Grid
	History *history.History
	// Changes returns what changed in that history. It is called when a file that
	// needs it is rendered, so that it may be found meanwhile, or not at all.
	Changes func() (*change.Log, error)
	// Files has the files that the history's commits changed, and Source has their
	// contents, while files are rendered. The past is packed from them; without a source
	// the tree has none.
	Files  *history.Files
	Source past.Source
	// Substitutes are the objects that git reads in place of others: what a commit
	// contains depends on them.
	Substitutes []history.Hash
	// Live returns examples of the live routes' responses at a time, about a release
	// of which the examples of static routes are the files. nil if there are none.
	Live func(of tree.Release, at time.Time, static openapi.Examples) (openapi.Examples, error)

	// Edited is the modification time of the files of a work tree that differ from
	// the history's head. It is zero where the files are those of the commit.
	Edited time.Time
	// Now is what no time of a file may be later than; zero for no bound.
	Now time.Time

	Options
}

// Options are the operator's choices. All of them show in the output.
type Options struct {
	// Base precedes every link of the API: "" for root-relative links, a path
	// prefix such as "/ref", or, for absolute links, a URL such as
	// "https://api.example.org/ref".
	Base string `json:"base"`
	// URL is that of the published site, such as "https://api.example.org/ref",
	// for what is read elsewhere: feeds, the OpenAPI document's server, the API
	// catalog and the canonical link of security.txt. "" is unknown.
	URL string `json:"url,omitempty"`
	// Suffix follows the paths of resources in links; see [route.Link].
	Suffix string `json:"link_suffix,omitempty"`
	// Host is the host of plain files that the tree is for, "" for a server of our own: see
	// [hosting.Hosts]. The tree is then complete in one directory, without compressed forms.
	Host string `json:"host,omitempty"`
	// CacheTag is the name of the site in the tags that such a host sends.
	CacheTag string `json:"cache_tag,omitempty"`
	// FrameAncestors are the origins that may show pages in frames, as it sends them, too.
	FrameAncestors string `json:"frame_ancestors,omitempty"`
	// Only names the parts that are published, of [Parts]; none for all.
	Only []string `json:"only,omitempty"`
	// API is the URL of the site that has all else, with Only.
	API string `json:"api,omitempty"`
	// Site is whose pages they are, and how they look.
	Site page.Site `json:"site,omitzero"`
	// NoIndex asks search engines to list no page.
	NoIndex bool `json:"noindex,omitempty"`
	// DataLicense is the SPDX identifier of the data's licence, "" for none.
	DataLicense string `json:"data_license,omitempty"`
	// Security is where to report security problems.
	Security Security `json:"security,omitzero"`
	// Authors is HiddenAuthors where the history says who made a commit to nobody.
	Authors string `json:"authors,omitempty"`
	// Hidden is a digest of what is taken out of all files, "" for nothing. The pointers
	// themselves are not published.
	Hidden string `json:"hidden,omitempty"`
}

// HiddenAuthors is the value of Options.Authors where they are hidden.
const HiddenAuthors = "hidden"

// mailmapOf names the .mailmap that a history is read with, by the commit that changed it
// last; none if authors do not show. A digest would confirm guesses of the addresses in it.
func mailmapOf(h *history.History, o Options) (ids []history.Hash) {
	if log := h.Log(private.MailmapFile); len(log) > 0 && o.Authors == "" {
		ids = append(ids, log[0].ID)
	}
	return ids
}

// Root precedes the links of pages and all that they load. It never names a host:
// a page works on every host that serves the tree.
func (o Options) Root() string { return route.BasePath(o.Base) }

// Published is the URL of the published site, or what is known of it: the path
// that its links start with.
func (o Options) Published() string { return cmp.Or(o.URL, o.Base) }

// links makes the links of documents at a version.
func (o Options) links(version string) api.Links {
	return api.Links{Version: version, Base: o.Base, Suffix: o.Suffix}
}

// Files yields all files of the tree but for its manifest, most of them to be rendered
// when they are asked for: what has a fingerprint costs next to nothing before. An error
// ends it.
func Files(in Input) iter.Seq2[tree.File, error] {
	return func(yield func(tree.File, error) bool) {
		b := newBuilder(in, yield)
		if err := b.tree(); err != nil && !b.done {
			yield(tree.File{}, fmt.Errorf("render the site: %w", err))
		}
	}
}

// tree yields everything. Assets come first: they are the largest files, and
// take longest to compress. What depends on changes comes last.
func (b *builder) tree() error {
	assets, err := page.Assets(b.Site)
	if err != nil {
		return err
	}

	for _, a := range assets {
		b.emitMade(tree.File{Path: a.Path, Class: tree.Immutable, Body: a.Body, Gzip: a.Gzip})
	}

	pages, err := b.prepare(assets)
	if err != nil {
		return err
	}

	b.wellKnown()
	if err := b.problems(pages); err != nil {
		return err
	}
	if err := b.guide(pages); err != nil {
		return err
	}

	b.hardware()
	b.nodeTypes()
	b.exports()
	b.schemas()
	b.versions()
	b.segments()
	b.past()
	b.changes()
	b.resources()
	if err := b.changesPages(); err != nil {
		return err
	}

	if err := b.description(pages); err != nil {
		return err
	}

	b.sitemaps()
	return b.hostFiles(pages)
}

// problems writes the bodies of errors, for servers that have nothing but files. Servers
// do not negotiate the page's form, so it has no compressed ones.
func (b *builder) problems(pages *page.Renderer) error {
	for _, p := range api.Problems() {
		b.emitMade(tree.File{Path: p.File(), Body: p.Body()})
	}

	missing, err := pages.Missing()
	b.emitMade(tree.File{Path: api.NotFoundPage, Body: missing.Body, Links: missing.Links, Plain: true})
	return err
}
