package build

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// Sitemaps makes the sitemap of a site with so many pages.
func Sitemaps(url string, pages int, yield func(tree.File)) {
	b := &builder{Input: Input{Options: Options{URL: url}}}
	b.yield = func(f tree.File, _ error) bool {
		made, err := f.Render()
		if err == nil {
			yield(made)
		}
		return err == nil
	}
	for i := range pages {
		b.list(fmt.Sprintf("hardware/nodes/%d/index.html", i), b.head)
	}
	b.sitemaps()
}
