package page

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/templates"
)

// Page is an HTML page.
type Page struct {
	Body  []byte
	Links []string // what it links to and loads of this site: paths with the base, each once
}

// Renderer makes the pages of one site, one after the other: it must not be used
// by several goroutines.
type Renderer struct {
	Options
	assets    map[string]string // name → URL path
	templates *template.Template
	links     links  // of what is being rendered
	self      string // the path of the page that is being rendered; see Begin
	changed   *changed
}

// Options are those of a site's pages.
type Options struct {
	// Base is the path with which links, and what pages load, start: "", or a prefix
	// such as "/ref".
	Base string
	// Suffix follows the paths of resources; see [route.Link].
	Suffix string
	// URL is that of the published site, "" if unknown.
	URL string
	// NoIndex asks search engines to list no page.
	NoIndex bool
	Site    Site
	// API is the URL of the site that has what Has does not; Has is nil if this one has all.
	API string
	Has func(to interface{ Path(args ...string) string }) bool
}

// New prepares the pages of a site.
func New(opts Options, assets []Asset) (*Renderer, error) {
	r := &Renderer{Options: opts, assets: map[string]string{}}
	for _, a := range assets {
		r.assets[a.Name] = r.Base + "/" + a.Path
	}

	// What a template prints by these functions is what the page links to.
	functions := template.FuncMap{
		"href": r.href, "asset": r.asset, "include": r.include,
		"title": title, "indented": indented, "members": members,
	}
	var err error
	r.templates, err = template.New("").Funcs(functions).ParseFS(templates.FS, "*.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("read the page templates: %w", err)
	}

	return r, nil
}

// links collects links, each once, in their order.
type links struct {
	list []string
	seen map[string]bool
}

func (l *links) add(link string) {
	if !l.seen[link] {
		l.seen[link] = true
		l.list = append(l.list, link)
	}
}

// href records a URL that a page links to, and returns it. One with a scheme is
// another site's, even if it looks like ours: files of the repository may name
// any.
func (r *Renderer) href(url string) string {
	if strings.HasPrefix(url, r.Base+"/") {
		r.links.add(url)
	}
	return url
}

// asset records a file that a page loads, and returns its URL path.
func (r *Renderer) asset(name string) (string, error) {
	if path, ok := r.assets[name]; ok {
		return r.href(path), nil
	}
	return "", fmt.Errorf("no asset is called %q", name)
}

// part is HTML that is made once, and is on many pages.
type part struct {
	HTML  template.HTML
	links []string
}

// include records the links of a part, and returns its HTML.
func (r *Renderer) include(p part) template.HTML {
	for _, link := range p.links {
		r.links.add(link)
	}
	return p.HTML
}

// render executes the template of a page.
func (r *Renderer) render(name string, data any) (Page, error) {
	r.links = links{seen: map[string]bool{}}
	var out bytes.Buffer
	if err := r.templates.ExecuteTemplate(&out, name, data); err != nil {
		return Page{}, fmt.Errorf("render page %s: %w", name, err)
	}
	return Page{Body: out.Bytes(), Links: r.links.list}, nil
}

// part executes the template of a part.
func (r *Renderer) part(name string, data any) (part, error) {
	p, err := r.render(name, data)
	return part{HTML: template.HTML(p.Body), links: p.Links}, err // html/template has made it
}

// Moved is the page at an old path of another one. It works at every host, also at
// those that cannot redirect.
func (r *Renderer) Moved(label string, to interface{ Path(args ...string) string }, args ...string) (Page, error) {
	r.Begin("") // its template names the other one
	return r.render("moved.html.tmpl", struct {
		common
		Label, Page string
	}{r.common(label, ""), label, r.path(to, args...)})
}

// Missing is the page of hosts for what they do not have.
func (r *Renderer) Missing() (Page, error) {
	r.Begin("")
	return r.render("missing.html.tmpl", r.common("Not found: Reference API", "This page does not exist.", "site.css"))
}

// common is what every page is filled with.
type common struct {
	Title       string
	Description string
	Styles      []string // names of assets
	Feeds       *feeds   // of the page's changes, nil for none
	Changed     *changed // nil if no commit changed it, or the page says so itself

	self   string // the path of the page, "" if it has none of its own
	Brand  string // names the site in its header
	Area   area   // which link of the header leads to pages like this one
	JSON   string // the URL of the same in the API, "" for none
	Script string // the name of the asset that starts the page's modules, "" for none

	Embedded bool // in frames of other sites, which its links leave

	renderer *Renderer
}

// common starts a page of the site.
func (r *Renderer) common(title, description string, styles ...string) common {
	return common{
		Title: title, Description: description, Styles: styles, Brand: cmp.Or(r.Site.Title, "Reference API"), self: r.self, Changed: r.changed,
		renderer: r,
	}
}

// feeds are the URL paths of one feed in both its forms.
type feeds struct{ Atom, JSON string }

// Docs is the page of Swagger UI.
func (r *Renderer) Docs() (Page, error) {
	r.Begin(route.Docs.File())
	p := r.common("Reference API: try it out",
		"The routes of the reference API, to try out in the browser.", "site.css", "swagger-ui.css", "docs.css")
	return r.render("docs.html.tmpl", p.in(areaAPI, "docs.js"))
}

// markdown turns the text of the API's description to HTML. Raw HTML in it is
// left out.
func markdown(text string) (template.HTML, error) {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(text), &out); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil // goldmark escapes what is not Markdown
}
