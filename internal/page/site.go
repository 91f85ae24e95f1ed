package page

import (
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/reserve"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/theme"
)

// Site is what an operator makes of the pages: whose they are, and how they look.
type Site struct {
	Title  string       `json:"title,omitempty"` // of the testbed; "" is the grid's uid
	Colors theme.Colors `json:"colors,omitzero"`
	Logo   *theme.Logo  `json:"logo,omitempty"` // nil for none
	Links  []SiteLink   `json:"links,omitempty"`
	Banner string       `json:"banner,omitempty"` // at the top of every page
	Footer string       `json:"footer,omitempty"` // at the bottom

	// Reserve are the snippets that reserve hardware, nil for those that are built in.
	Reserve []reserve.Offered `json:"reserve,omitempty"`
}

// SiteLink is a link to another site.
type SiteLink struct {
	Name string `json:"name"`
	Href string `json:"href"`
}

// logoAsset is the name by which templates call the logo.
const logoAsset = "logo"

// assets are the files of a site's own that its pages load.
func (s Site) assets() (all []Asset, err error) {
	if s.Logo != nil {
		logo := newAsset(logoAsset+s.Logo.Ext, s.Logo.Body, nil)
		logo.Name = logoAsset
		all = append(all, logo)
	}

	if s.Reserve == nil {
		if s.Reserve, err = reserve.Select(reserve.Offer(), nil); err != nil {
			return nil, err
		}
	}

	return append(all, newAsset("reserve.json", api.Encode(s.Reserve), nil)), nil
}

// Begin says which page is rendered next, by its file; "" for one that has no URL of its
// own.
func (r *Renderer) Begin(file string) {
	r.self, r.changed = "", nil
	if file != "" {
		r.self = PathOf(file)
	}
}

// changed is the commit that last changed what a page is about.
type changed struct {
	ID, Page, Short string
	Date            time.Time
}

// Day is the commit's day, as the committer's clock had it.
func (c *changed) Day() string { return c.Date.Format("2 Jan 2006") }

// ChangedBy says that the page is about something with a log. The commit that is served is
// another matter: pages ask for it, so that a commit that is about something else does not
// change them.
func (r *Renderer) ChangedBy(log []*history.Commit) {
	if len(log) > 0 {
		id := log[0].ID.String()
		r.changed = &changed{id, r.path(route.HardwareChange, id), id[:7], log[0].Committer.When}
	}
}

// PathOf is the path of the page with a file, percent-encoded as links are.
func PathOf(file string) string {
	segments := strings.Split(path.Dir(file), "/")
	for i := range segments {
		segments[i] = url.PathEscape(segments[i])
	}
	return "/" + strings.Join(segments, "/")
}

// Testbed is whose page it is.
func (c common) Testbed() Site { return c.renderer.Site }

// HasLogo reports whether the site has one.
func (c common) HasLogo() bool { return c.renderer.Site.Logo != nil }

// Canonical is the URL at which the page is published, "" if that is unknown.
func (c common) Canonical() string {
	if c.self == "" || c.renderer.URL == "" {
		return ""
	}
	return c.renderer.URL + c.self
}

// Picture is the URL of a picture for previews of the page, "" for none: few take SVG.
func (c common) Picture() string {
	if logo := c.renderer.Site.Logo; logo == nil || logo.Ext != ".png" || c.renderer.URL == "" {
		return ""
	}
	return c.renderer.URL + strings.TrimPrefix(c.renderer.assets[logoAsset], c.renderer.Base)
}
