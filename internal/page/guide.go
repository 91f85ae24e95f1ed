package page

import (
	"fmt"

	"github.com/chameleoncloud/refapi/docs"
	"github.com/chameleoncloud/refapi/internal/page/guide"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Guide is the guide's pages, and the file that their script searches.
type Guide struct {
	Contents Page
	Chapters []GuideChapter // in their order
	Search   Asset
}

// GuideChapter is a chapter's page.
type GuideChapter struct {
	Name string // the last segment of its URL
	Page
}

// guidePage is what a page of the guide is filled with.
type guidePage struct {
	common
	Heading   string
	Body      part
	Sections  []guide.Section // of the first level below the heading
	IndexFile string
	API       string // the root of the URLs that examples request
	Before    *linkRow
	After     *linkRow
}

// Guide renders the guide.
func (r *Renderer) Guide() (*Guide, error) {
	g, err := guide.Read(docs.FS, r.Base)
	if err != nil {
		return nil, fmt.Errorf("read the guide: %w", err)
	}

	out := &Guide{Search: newAsset("guide.json", g.Index(r.Base), nil)}
	page := func(common common, heading string, text guide.Text) guidePage {
		return guidePage{
			common:    common.in(areaGuide, "guide.js"),
			Heading:   heading,
			Body:      part{HTML: text.HTML, links: text.Links},
			IndexFile: r.Base + "/" + out.Search.Path,
			API:       r.path(route.Root),
		}
	}

	r.Begin(route.Guide.File())
	about := r.common("Reference API: "+g.Title,
		"How to use the reference API, to edit its data and to operate it.", "site.css")
	if out.Contents, err = r.render("guide.html.tmpl", page(about, g.Title, g.Contents)); err != nil {
		return nil, err
	}

	for i, c := range g.Chapters {
		r.Begin(route.GuideChapter.File(c.Name))
		about := r.common(c.Title+": Reference API",
			"A chapter of the reference API's guide: "+c.Title+".", "site.css")
		p := page(about, c.Title, c.Text)
		for _, s := range c.Sections {
			if s.Level == 2 {
				p.Sections = append(p.Sections, s)
			}
		}

		if i > 0 {
			p.Before = r.chapterLink(&g.Chapters[i-1])
		}
		if i+1 < len(g.Chapters) {
			p.After = r.chapterLink(&g.Chapters[i+1])
		}

		body, err := r.render("guide.html.tmpl", p)
		if err != nil {
			return nil, err
		}

		out.Chapters = append(out.Chapters, GuideChapter{c.Name, body})
	}

	return out, nil
}

func (r *Renderer) chapterLink(c *guide.Chapter) *linkRow {
	return &linkRow{Name: c.Title, Page: r.path(route.GuideChapter, c.Name)}
}
