// Package guide owns what is read from Markdown: the chapters of the guide, and
// descriptions from the reference repository. It is pure: the same text gives the same
// pages.
package guide

import (
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// contents is the file that lists the chapters, in their order.
const contents = "README.md"

// Guide is a complete guide.
type Guide struct {
	Title    string
	Contents Text      // the chapters, with what each is about
	Chapters []Chapter // in the order of the contents
}

// Text is a rendered document.
type Text struct {
	HTML  template.HTML // without the title
	Links []string      // URLs that it links to; those of the guide's pages are paths with the base
}

// Chapter is one page of the guide.
type Chapter struct {
	Text
	Name     string // its file's, without .md; the last segment of its URL
	Title    string
	Sections []Section // the first one is what precedes all headings
}

// Section is a heading with the text below it, up to the next heading.
type Section struct {
	ID    string // its heading's; "" for the first
	Title string
	Level int    // of its heading; 1 for the first
	Text  string // without any markup
}

// Read reads the guide. Links start with base. The error is for a broken link,
// for a chapter that does not exist, and for a file that the contents lack.
func Read(fsys fs.FS, base string) (*Guide, error) {
	files, err := fs.Glob(fsys, "*.md")
	if err != nil {
		return nil, err
	}

	documents := map[string]*document{}
	for _, name := range files {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if documents[name], err = parse(text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}

	top, ok := documents[contents]
	if !ok {
		return nil, fmt.Errorf("%s is missing", contents)
	}

	order := top.chapters()
	for _, name := range files {
		if name != contents && !slices.Contains(order, name) {
			return nil, fmt.Errorf("%s does not link to %s", contents, name)
		}
	}

	b := book{documents: documents, base: base}
	g := &Guide{Title: top.title}
	if g.Contents, err = b.render(contents); err != nil {
		return nil, err
	}

	for _, name := range order {
		text, err := b.render(name)
		if err != nil {
			return nil, err
		}

		d := documents[name]
		g.Chapters = append(g.Chapters, Chapter{
			Text:     text,
			Name:     strings.TrimSuffix(name, path.Ext(name)),
			Title:    d.title,
			Sections: d.sections,
		})
	}

	return g, nil
}

// Index is the file that the guide's script searches: every section, with its
// URL path and its text.
func (g *Guide) Index(base string) []byte {
	var index api.SearchIndex
	for _, c := range g.Chapters {
		page := base + route.GuideChapter.Path(c.Name)
		for _, s := range c.Sections {
			// What precedes all headings is at the top of the page.
			url := page
			if s.ID != "" {
				url += "#" + s.ID
			}
			index.Sections = append(index.Sections, api.SearchSection{
				Chapter: c.Title, Title: s.Title, Page: url, Text: s.Text,
			})
		}
	}

	return api.Encode(index)
}
