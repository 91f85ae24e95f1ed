package build

import (
	"encoding/xml"
	"fmt"
	"slices"
	"time"

	"github.com/chameleoncloud/refapi/internal/page"
)

// The sitemap (https://www.sitemaps.org/protocol.html) and how many pages a part of it
// may list.
const (
	sitemapFile     = "sitemap.xml"
	maxSitemapPages = 50_000
)

// listedPage is a page that search engines are told of: what there is now, not what
// commits changed or what is gone.
type listedPage struct {
	file    string
	changed time.Time // by a commit; zero if that is unknown
}

// list has the sitemap list a page.
func (b *builder) list(file string, changed time.Time) {
	if b.hasSitemap() {
		b.listed = append(b.listed, listedPage{file, changed})
	}
}

// changedAt is when a commit last changed a git path, zero if none did.
func (b *builder) changedAt(gitPath string) time.Time {
	if log := b.History.Log(gitPath); len(log) > 0 {
		return log[0].Committer.When
	}
	return time.Time{}
}

// hasSitemap reports whether the site has a sitemap, in which all URLs are absolute.
func (b *builder) hasSitemap() bool { return b.URL != "" && !b.NoIndex }

// sitemapURL is an entry of a sitemap or of an index of sitemaps.
type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

type sitemap struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapIndex struct {
	XMLName  xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Sitemaps []sitemapURL `xml:"sitemap"`
}

// sitemaps writes the sitemap; of many pages, its parts, and the index of these.
func (b *builder) sitemaps() {
	if !b.hasSitemap() {
		return
	}

	if len(b.listed) <= maxSitemapPages {
		b.sitemap(sitemapFile, b.listed)
		return
	}

	var index sitemapIndex
	for part := range slices.Chunk(b.listed, maxSitemapPages) {
		name := fmt.Sprintf("sitemap-%d.xml", len(index.Sitemaps)+1)
		b.sitemap(name, part)
		index.Sitemaps = append(index.Sitemaps, sitemapURL{Loc: b.URL + "/" + name})
	}
	b.emitBody(b.ofHead(sitemapFile), func() ([]byte, error) { return encodeXML(index) })
}

func (b *builder) sitemap(name string, pages []listedPage) {
	b.emitBody(b.ofHead(name), func() ([]byte, error) {
		var all sitemap
		for _, p := range pages {
			entry := sitemapURL{Loc: b.URL + page.PathOf(p.file)}
			if !p.changed.IsZero() {
				entry.LastMod = p.changed.UTC().Format(time.RFC3339)
			}
			all.URLs = append(all.URLs, entry)
		}
		return encodeXML(all)
	})
}

func encodeXML(value any) ([]byte, error) {
	body, err := xml.Marshal(value)
	return append(append([]byte(xml.Header), body...), '\n'), err
}
