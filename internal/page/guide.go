package page

import (
	"html/template"

	"github.com/chameleoncloud/refapi/docs"
	"github.com/chameleoncloud/refapi/internal/page/guide"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Guide is the guide's pages, and the file that their script searches.
type Guide struct {
	Contents []byte
	Chapters []GuideChapter
	Search   Asset
}

// GuideChapter is a chapter's page.
type GuideChapter struct {
	Name string // the last part of its address
	Body []byte
}

// guidePage is what a page of the guide is filled with.
type guidePage struct {
	common
	Heading   string
	Body      template.HTML
	Sections  []guide.Section // of the first level below the heading
	IndexFile string
	API       string // the root of what examples ask
	Before    *linkRow
	After     *linkRow
}

// Guide renders the guide.
func (r *Renderer) Guide() (*Guide, error) {
	g, err := guide.Read(docs.FS, r.base)
	if err != nil {
		return nil, err
	}
	out := &Guide{Search: asset("guide.json", g.Index(r.base), nil)}
	fill := func(title, heading, about string, body template.HTML) guidePage {
		return guidePage{
			common:  common{Title: title, Description: about, Styles: []string{"site.css"}, renderer: r},
			Heading: heading, Body: body, IndexFile: r.base + "/" + out.Search.Path, API: r.base + route.Root.Path(),
		}
	}
	links := make([]linkRow, len(g.Chapters))
	for i, c := range g.Chapters {
		links[i] = linkRow{Name: c.Title, Page: r.base + route.GuideChapter.Path(c.Name)}
	}
	p := fill("Reference API: "+g.Title, g.Title, "How to use the reference API, to edit its data and to operate it.", g.Contents)
	if out.Contents, err = r.render("guide.html.tmpl", p); err != nil {
		return nil, err
	}
	for i, c := range g.Chapters {
		p := fill(c.Title+": Reference API", c.Title, "A chapter of the reference API's guide: "+c.Title+".", c.HTML)
		for _, s := range c.Sections {
			if s.Level == 2 {
				p.Sections = append(p.Sections, s)
			}
		}
		if i > 0 {
			p.Before = &links[i-1]
		}
		if i+1 < len(links) {
			p.After = &links[i+1]
		}
		body, err := r.render("guide.html.tmpl", p)
		if err != nil {
			return nil, err
		}
		out.Chapters = append(out.Chapters, GuideChapter{c.Name, body})
	}
	return out, nil
}
