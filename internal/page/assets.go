// Package page owns the HTML pages and the files that they load.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/swaggest/swgui/v5/static"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/templates"
)

// Asset is a file that pages load. Its path changes with its content, so that
// caches may keep it for good.
type Asset struct {
	Name string // as templates call it: "site.css"
	Path string // below the tree's root: "assets/site.0123abcd.css"
	Body []byte
	Gzip []byte // the body compressed with gzip, nil where its authors have not done so
}

// ownAssets are the site's own, from package templates. A module follows those
// that it imports.
var ownAssets = []string{
	"site.css", "docs.css", "snippets.js", "copyas.js", "docs.js", "icon.svg",
	"dom.js", "free.js", "bars.js", "url.js", "units.js", "zone.js", "notices.js", "live.js", "badge.js",
	"lanes.js", "strip.js", "timeline.js", "availability.js",
	"ways.js", "nearby.js", "possible.js", "quote.js", "fill.js", "reserve.js", "reserve_form.js", "together.js",
	"picks.js", "comparison.js", "filter.js", "when.js", "chips.js", "whenfields.js", "facets.js", "columns.js",
	"picker.js", "headings.js", "place.js", "rows.js", "timefilter.js", "views.js", "takeaway.js", "search.js",
	"entries.js", "ask.js", "heat.js", "capacity.js", "counts.js", "flavors.js", "overview.js", "finder.js", "basket.js", "outlook.js", "list.js",
	"changes.js", "compare.js", "find.js", "flavor.js", "group.js", "guide.js", "hardware.js", "nodes.js", "page.js", "type.js",
	"fortnight.js", "equals.js", "node.js", "embed.js",
}

// swaggerAssets are Swagger UI's, from its module, which has them compressed.
var swaggerAssets = []string{"swagger-ui-bundle.js", "swagger-ui.css"}

// Assets returns all files that the pages of a site load. The error is for a build of the
// program that lacks one.
func Assets(of Site) ([]Asset, error) {
	assets, err := of.assets()
	if err != nil {
		return nil, err
	}

	for _, name := range swaggerAssets {
		packed, err := static.FS.ReadFile(name + ".gz")
		if err != nil {
			return nil, fmt.Errorf("read asset %s: %w", name, err)
		}

		body, err := unpack(packed)
		if err != nil {
			return nil, fmt.Errorf("read asset %s: %w", name, err)
		}

		assets = append(assets, newAsset(name, body, packed))
	}

	for _, name := range ownAssets {
		body, err := templates.FS.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read asset %s: %w", name, err)
		}
		if name == "site.css" {
			body = append(slices.Clip(body), of.Colors.CSS()...)
		}
		if body, err = rewriteImports(body, assets); err != nil {
			return nil, fmt.Errorf("asset %s: %w", name, err)
		}
		assets = append(assets, newAsset(name, body, nil))
	}

	return assets, nil
}

// imported is what a module imports by a name that has no digest.
var imported = regexp.MustCompile(`\bfrom "\./([a-z_]+\.js)"`)

// rewriteImports makes a module import others ("./dom.js") by the names under
// which they are published, all in one directory. The others come before it.
func rewriteImports(body []byte, assets []Asset) ([]byte, error) {
	for _, a := range assets {
		body = bytes.ReplaceAll(body, []byte(`"./`+a.Name+`"`), []byte(`"./`+path.Base(a.Path)+`"`))
	}
	if m := imported.FindSubmatch(body); m != nil {
		return nil, fmt.Errorf("it imports %s, which is not listed before it", m[1])
	}
	return body, nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func newAsset(name string, body, packed []byte) Asset {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	return Asset{
		Name: name,
		Path: fmt.Sprintf("%s/%s.%s%s", route.AssetDir, strings.TrimSuffix(name, ext), hex.EncodeToString(sum[:4]),
			ext),
		Body: body,
		Gzip: packed,
	}
}
