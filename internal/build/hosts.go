package build

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hosting"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Parts of a site that can be published alone.
const (
	DocsPart    = "docs"    // the guide, the API explorer and the API reference
	OpenAPIPart = "openapi" // the OpenAPI document
)

// Parts are the names of all parts.
func Parts() []string { return []string{DocsPart, OpenAPIPart} }

// partOf returns the part that something is of, "" for the API and the hardware browser.
func partOf(to interface{ Path(args ...string) string }) string {
	switch to {
	case route.OpenAPI:
		return OpenAPIPart
	case route.Docs, route.Reference, route.LegacyReference, route.Guide, route.GuideChapter:
		return DocsPart
	}
	return ""
}

// has reports whether something is in the parts that are published.
func (b *builder) has(to interface{ Path(args ...string) string }) bool {
	return slices.Contains(b.Only, partOf(to))
}

// only leaves files out that are in no part that is published. They cost little: they are
// not rendered.
func (b *builder) only(yield func(tree.File, error) bool) func(tree.File, error) bool {
	tops := []string{route.AssetDir, "robots.txt"}
	if slices.Contains(b.Only, OpenAPIPart) {
		tops = append(tops, route.OpenAPI.File())
	}
	if slices.Contains(b.Only, DocsPart) {
		for _, to := range []interface{ File(args ...string) string }{route.Docs, route.Reference,
			route.LegacyReference, route.Guide} {
			tops = append(tops, path.Dir(to.File()))
		}
	}

	return func(f tree.File, err error) bool {
		top, _, _ := strings.Cut(f.Path, "/")
		if err == nil && !slices.Contains(tops, top) && !hosting.IsOwn(f.Path) {
			return true
		}
		return yield(f, err)
	}
}

// flat makes files for a host: all in one directory, and without compressed forms.
func (b *builder) flat(yield func(tree.File, error) bool) func(tree.File, error) bool {
	return func(f tree.File, err error) bool {
		name, _, isDir := strings.Cut(f.Path, "/")
		b.top[name] = isDir || b.top[name]

		f.Plain = true
		if f.Class == tree.Immutable {
			f.Class = tree.OfPath
		}
		if render := f.Render; render != nil {
			f.Render = func() (tree.File, error) {
				made, err := render()
				made.Class, made.Plain = f.Class, true
				return made, err
			}
		}

		return yield(f, err)
	}
}

// hostFiles writes what the host needs.
func (b *builder) hostFiles(pages *page.Renderer) error {
	host, ok := hosting.Find(b.Host)
	if !ok {
		return nil
	}

	missing, err := pages.Missing()
	if err != nil {
		return err
	}
	b.madePage(hosting.NotFoundFile, missing)

	// Where "/" is not the API's root, a page is.
	if _, isAPI := b.top[route.Root.File()]; !isAPI || !host.Rules {
		label, to := "Hardware", route.HardwareList
		if len(b.Only) > 0 {
			label, to = "Guide", route.Guide
		}
		front, err := pages.Moved(label, to)
		if err != nil {
			return err
		}
		b.madePage(hosting.FrontFile, front)
	}

	b.top[tree.ManifestFile], b.top[tree.PartsDir] = false, true
	site := hosting.Site{Delivery: route.Delivery{NoIndex: b.NoIndex, CacheTag: b.CacheTag, FrameAncestors: b.FrameAncestors}, Top: b.top}
	if len(b.Only) > 0 {
		if u, err := url.Parse(b.API); err == nil {
			site.API = u.Scheme + "://" + u.Host
		}
	}

	files, err := host.Files(site)
	if err != nil {
		return fmt.Errorf("for %s: %w", host.Title, err)
	}
	for _, f := range files {
		b.emitMade(f)
	}

	return nil
}
