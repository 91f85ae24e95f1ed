package guide

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

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
