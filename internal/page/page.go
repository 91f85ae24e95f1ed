package page

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/yuin/goldmark"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/templates"
)

// Renderer makes the pages of one site.
type Renderer struct {
	base      string
	assets    map[string]string // name → address
	templates *template.Template
}

// New prepares the pages of a site. Links, and what pages load, start with base,
// which is a path: "", or a prefix such as "/ref".
func New(base string, assets []Asset) (*Renderer, error) {
	r := &Renderer{base: base, assets: map[string]string{}}
	for _, a := range assets {
		r.assets[a.Name] = base + "/" + a.Path
	}
	var err error
	if r.templates, err = template.ParseFS(templates.FS, "*.html.tmpl"); err != nil {
		return nil, fmt.Errorf("read the page templates: %w", err)
	}
	return r, nil
}

// common is what every page is filled with.
type common struct {
	Title       string
	Description string
	Styles      []string // names of assets
	Feeds       *feeds   // of the page's news, nil for none

	renderer *Renderer
}

// feeds are the addresses of one feed in both its forms.
type feeds struct{ Atom, JSON string }

// Asset is the address of a file that the page loads.
func (c common) Asset(name string) (string, error) {
	if address, ok := c.renderer.assets[name]; ok {
		return address, nil
	}
	return "", fmt.Errorf("no asset is called %q", name)
}

// OpenAPI, Docs and Reference are the addresses of the API's descriptions.
func (c common) OpenAPI() string { return c.renderer.base + route.OpenAPI.Path() }

// Docs is where the API can be tried out.
func (c common) Docs() string { return c.renderer.base + route.Docs.Path() }

// Reference is where the API can be read.
func (c common) Reference() string { return c.renderer.base + route.Redoc.Path() }

// HardwarePages is where the hardware browser starts.
func (c common) HardwarePages() string { return c.renderer.base + route.HardwareList.Path() }

// GuidePages is where the guide starts.
func (c common) GuidePages() string { return c.renderer.base + route.Guide.Path() }

func (r *Renderer) render(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := r.templates.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// Docs is the page of Swagger UI.
func (r *Renderer) Docs() ([]byte, error) {
	return r.render("docs.html.tmpl", common{
		Title:       "Reference API: try it out",
		Description: "The routes of the reference API, to try out in the browser.",
		Styles:      []string{"swagger-ui.css", "docs.css"},
		renderer:    r,
	})
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
