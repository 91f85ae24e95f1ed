package build

import (
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// guide writes the guide, which changes with the generator alone.
func (b *builder) guide(r *page.Renderer) {
	g, err := r.Guide()
	if err != nil {
		b.fail(err)
		return
	}
	b.emit(tree.File{Path: g.Search.Path, Body: g.Search.Body, Time: b.assets})
	b.emit(tree.File{Path: route.Guide.File(), Body: g.Contents, Time: b.assets})
	for _, c := range g.Chapters {
		b.emit(tree.File{Path: route.GuideChapter.File(c.Name), Body: c.Body, Time: b.assets})
	}
}
