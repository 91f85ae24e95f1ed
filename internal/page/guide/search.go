package guide

import (
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Index is the file that the guide's script searches: every section, with its
// URL path and its text.
func (g *Guide) Index(base string) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("sections")
	b.BeginArray()
	for _, c := range g.Chapters {
		page := base + route.GuideChapter.Path(c.Name)
		for _, s := range c.Sections {
			if s.ID != "" {
				page = base + route.GuideChapter.Path(c.Name) + "#" + s.ID
			}
			b.BeginObject()
			for _, m := range [][2]string{{"chapter", c.Title}, {"title", s.Title}, {"page", page}, {"text", s.Text}} {
				b.Key(m[0])
				b.String(m[1])
			}
			b.EndObject()
		}
	}
	b.EndArray()
	b.EndObject()
	return b.Bytes()
}
