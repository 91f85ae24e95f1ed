package build_test

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// sitemapOf reads a sitemap, or an index of some.
func sitemapOf(t *testing.T, body []byte) (urls []string, dated int) {
	t.Helper()
	var all struct {
		XMLName xml.Name
		URLs    []struct {
			Loc     string    `xml:"loc"`
			LastMod time.Time `xml:"lastmod"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	if all.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" {
		t.Errorf("the name space is %q", all.XMLName.Space)
	}
	for _, u := range all.URLs {
		urls = append(urls, u.Loc)
		if !u.LastMod.IsZero() {
			dated++
		}
	}
	return urls, dated
}

// TestSitemap: every page that it lists is there and calls itself by that URL; what is at
// another URL, gone, or about a commit is not listed; and no URL is known without a base.
func TestSitemap(t *testing.T) {
	t.Parallel()
	const base = "https://api.example.org/ref"
	bodies := map[string][]byte{}
	for _, f := range sampleFiles(t, build.Options{Base: "/ref", URL: base, Site: page.Site{Title: "Beds & More"}}) {
		bodies[f.Path] = f.Body
	}

	urls, dated := sitemapOf(t, bodies["sitemap.xml"])
	for _, u := range urls {
		rest, ok := strings.CutPrefix(u, base+"/")
		text := string(bodies[rest+"/index.html"])
		if !ok || !strings.Contains(text, `<link rel="canonical" href='`+u+`'>`) ||
			!strings.Contains(text, `<meta property="og:site_name" content="Beds &amp; More">`) {
			t.Errorf("%s is no page that calls itself by this URL", u)
		}
	}
	for _, want := range []string{"/hardware", "/hardware/changes", "/hardware/sites/north", "/guide", "/guide/api", "/docs",
		"/reference"} {
		if !slices.Contains(urls, base+want) {
			t.Errorf("%s is not listed", want)
		}
	}
	if i := slices.IndexFunc(urls, func(u string) bool {
		return strings.Contains(u, "/hardware/node/") || strings.Contains(u, "/history") || strings.HasSuffix(u, "/redoc")
	}); i >= 0 || dated == 0 || dated == len(urls) {
		t.Errorf("%d of %d are dated; listed %d", dated, len(urls), i)
	}
	if got := string(bodies["robots.txt"]); !strings.Contains(got, "\nSitemap: "+base+"/sitemap.xml\n") {
		t.Errorf("robots.txt is %q", got)
	}

	for name, o := range map[string]build.Options{"no base": {}, "noindex": {URL: base, NoIndex: true}} {
		for _, f := range sampleFiles(t, o) {
			if strings.HasPrefix(f.Path, "sitemap") || f.Path == "robots.txt" && strings.Contains(string(f.Body), "Sitemap") ||
				name == "no base" && strings.Contains(string(f.Body), `rel="canonical" href='http`) && strings.HasSuffix(f.Path, ".html") && f.Path[:5] != "guide" {
				t.Errorf("%s: %s", name, f.Path)
			}
		}
	}
}

// TestSitemapOfMany: an index lists the parts, of which none has more pages than allowed.
func TestSitemapOfMany(t *testing.T) {
	t.Parallel()
	var files []tree.File
	build.Sitemaps("https://api.example.org", 100_001, func(f tree.File) { files = append(files, f) })

	index := files[len(files)-1]
	parts, _ := sitemapOf(t, index.Body)
	if index.Path != "sitemap.xml" || len(parts) != 3 || parts[2] != "https://api.example.org/sitemap-3.xml" {
		t.Errorf("%s lists %v", index.Path, parts)
	}
	for i, want := range []int{50_000, 50_000, 1} {
		if urls, _ := sitemapOf(t, files[i].Body); len(urls) != want || len(files[i].Body) > 50<<20 {
			t.Errorf("%s has %d pages in %d bytes", files[i].Path, len(urls), len(files[i].Body))
		}
	}
}
