package hosting_test

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hosting"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/hosttest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/verify"
)

// publish makes the sample for a host, and serves it as the host would.
func publish(t *testing.T, host hosting.Host, o build.Options) (site treetest.Site, address string) {
	t.Helper()
	o.Host, o.Suffix = host.Name, host.Suffix
	site = treetest.Sample(t, o)
	server := httptest.NewServer(hosttest.Handler(host.Name, site.Dir))
	t.Cleanup(server.Close)
	return site, server.URL
}

// TestHosts: a tree is complete in one directory, and every link in it leads somewhere,
// from the front page on and from each file.
func TestHosts(t *testing.T) {
	t.Parallel()
	for _, host := range hosting.Hosts() {
		t.Run(host.Name, func(t *testing.T) {
			t.Parallel()
			site, address := publish(t, host, build.Options{NoIndex: true, CacheTag: "refapi"})
			c := &crawler{t: t, base: address, seen: map[string]bool{}}
			c.follow("/")
			c.follow("/hardware")
			c.follow("/guide")

			err := filepath.WalkDir(site.Dir, func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				if !d.Type().IsRegular() || tree.IsSidecar(name) {
					t.Errorf("%s is no plain file", name)
				}
				if rel, _ := filepath.Rel(site.Dir, name); strings.HasSuffix(rel, ".json") && !strings.HasPrefix(rel, "errors") {
					c.follow("/" + filepath.ToSlash(rel))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(c.seen) < 200 {
				t.Errorf("only %d links were followed", len(c.seen))
			}

			source, err := verify.URL(address, http.DefaultClient)
			if err != nil {
				t.Fatal(err)
			}
			result, err := verify.Tree(t.Context(), source, 2)
			if err != nil || len(result.Faults) > 0 {
				t.Errorf("refgen verify %s: %v %+v", host.Name, err, result)
			}
		})
	}
}

// crawler follows links of one host.
type crawler struct {
	t    *testing.T
	base string
	seen map[string]bool
}

func (c *crawler) follow(href string) {
	u, err := url.Parse(href)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") {
		return
	}
	if id, _, ok := route.Match(u.Path); ok && id.Get().Live || c.seen[u.EscapedPath()] {
		return
	}
	c.seen[u.EscapedPath()] = true

	res, err := http.Get(c.base + u.EscapedPath())
	if err != nil {
		c.t.Error(err)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Errorf("%s: %s, %v", href, res.Status, err)
		return
	}
	for _, name := range []string{"Cache-Control", "Cache-Tag"} {
		if strings.Count(res.Header.Get(name), "max-age") > 1 || strings.Count(res.Header.Get(name), "refapi-") > 1 {
			c.t.Errorf("%s: two rules set %s: %s", href, name, res.Header.Get(name))
		}
	}

	switch kind := res.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "text/html"):
		for _, link := range htmlLinks(body) {
			c.follow(link)
		}
	case strings.Contains(kind, "json"):
		var value any
		if err := json.Unmarshal(body, &value); err == nil { // not lines of JSON
			c.followJSON(value)
		}
	}
}

func (c *crawler) followJSON(value any) {
	switch v := value.(type) {
	case map[string]any:
		if href, ok := v["href"].(string); ok {
			c.follow(href)
		}
		for name, member := range v {
			if !strings.HasPrefix(name, "example") { // of a schema: about other data
				c.followJSON(member)
			}
		}
	case []any:
		for _, element := range v {
			c.followJSON(element)
		}
	}
}

func htmlLinks(body []byte) (links []string) {
	tokens := html.NewTokenizer(strings.NewReader(string(body)))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, attribute := range tokens.Token().Attr {
				if attribute.Key == "href" || attribute.Key == "src" {
					links = append(links, attribute.Val)
				}
			}
		}
	}
}

// TestBrowser: people can use the site at each host.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	for _, host := range hosting.Hosts() {
		_, address := publish(t, host, build.Options{})
		b.Do(chromedp.Navigate(address + "/hardware/nodes"))
		b.Until(`document.querySelectorAll("main a[href*='/nodes/']").length > 0`)
		b.Do(chromedp.Navigate(browsertest.Get(b, chromedp.Evaluate[string](
			`document.querySelector("main a[href*='/nodes/']").href`))))
		b.Until(`document.querySelector("h1") !== null`)
		b.Do(chromedp.Navigate(address + "/docs"))
		b.Until(`document.querySelectorAll(".opblock").length > 20`)
		b.Do(chromedp.Navigate(address + "/guide/api"))
		b.Until(`document.querySelector("article h1") !== null`)
		b.Do(chromedp.Navigate(address + "/nope"))
		b.Until(`document.querySelector("h1").textContent === "Not found"`)
	}
	b.Forgive("Failed to load resource") // there is no live service, and no page /nope
}

// TestDocumentation: the documentation alone works on another origin than the API's, to
// which all other links lead.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	const api = "https://api.example.org"
	for _, host := range hosting.Hosts() {
		o := build.Options{Only: build.Parts(), API: api, Host: host.Name}
		site := treetest.Sample(t, o)
		server := httptest.NewServer(hosttest.Handler(host.Name, site.Dir))
		t.Cleanup(server.Close)

		c := &crawler{t: t, base: server.URL, seen: map[string]bool{}}
		c.follow("/")
		c.follow("/guide")
		c.follow("/openapi.json")
		if len(c.seen) < 15 {
			t.Errorf("%s: only %d links were followed", host.Name, len(c.seen))
		}

		page, err := os.ReadFile(filepath.Join(site.Dir, "guide", "index.html"))
		if err != nil || !strings.Contains(string(page), `href="`+api+`/hardware"`) {
			t.Errorf("%s: the guide does not lead to the hardware browser: %v", host.Name, err)
		}
		document, err := os.ReadFile(filepath.Join(site.Dir, "openapi.json"))
		if err != nil || !strings.Contains(string(document), `"servers":[{"url":"`+api+`"`) {
			t.Errorf("%s: the OpenAPI document does not name the API: %v", host.Name, err)
		}
		if _, err := os.Stat(filepath.Join(site.Dir, "sites.json")); err == nil {
			t.Errorf("%s: the API is published, too", host.Name)
		}

		res, err := http.Get(server.URL + "/docs/")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if policy := res.Header.Get("Content-Security-Policy"); host.Rules && !strings.Contains(policy, "connect-src 'self' "+api) {
			t.Errorf("%s: the explorer may not request %s: %s", host.Name, api, policy)
		}
	}
}

// TestHeaders: rules send what our own servers do, by the same tables.
func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"netlify", "cloudflare"} {
		host, _ := hosting.Find(name)
		site, address := publish(t, host, build.Options{NoIndex: true, CacheTag: "refapi"})
		styles, err := filepath.Glob(filepath.Join(site.Dir, "assets", "*.css"))
		if err != nil || len(styles) == 0 {
			t.Fatal("no styles", err)
		}

		for path, want := range map[string][2]string{
			"/":                                   {"application/json", "head"},
			"/sites":                              {"application/json", "head"},
			"/sites.json":                         {"application/json", "head"},
			"/nodes.ndjson":                       {"application/x-ndjson", "head"},
			"/changes.feed.json":                  {"application/feed+json", "head"},
			route.APICatalog:                      {route.APICatalogType, "head"},
			"/hardware/":                          {"text/html; charset=utf-8", "head"},
			"/assets/" + filepath.Base(styles[0]): {"text/css", "immutable"},
			"/versions/" + site.History.Head().ID.String():              {"application/json", "immutable"},
			"/versions/" + site.History.Head().ID.String() + ".json":    {"application/json", "immutable"},
			"/versions/" + site.History.Head().ID.String() + "/changes": {"application/json", "immutable"},
		} {
			res, err := http.Get(address + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			class := route.ClassOf(path)
			for header, value := range map[string]string{
				"Content-Type": want[0], "Cache-Control": class.Control, "Cache-Tag": "refapi,refapi-" + want[1],
				"Surrogate-Key": "refapi refapi-" + want[1], "X-Robots-Tag": "noindex",
				"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
			} {
				if got := res.Header.Get(header); res.StatusCode != http.StatusOK || got != value {
					t.Errorf("%s%s: %s: %s: %s, want %s", name, path, res.Status, header, got, value)
				}
			}
		}
	}
}

// TestLimits: what a host would refuse is known before the upload.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host, want string
		size       int64
		count      int
		files      int
	}{
		{host: "cloudflare", count: 10, size: 1000},
		{host: "cloudflare", count: 20_000, size: 1, want: "files, and Cloudflare Pages takes at most 20000"},
		{host: "cloudflare", count: 20_000, size: 1, files: 100_000},
		{host: "cloudflare", count: 1, size: 26 << 20, want: "x/0.json has 26 MiB, and Cloudflare Pages takes files of at most 25 MiB"},
		{host: "pages", count: 11, size: 100e6, want: "the release has 1100 MB, and GitHub Pages takes at most 1000 MB"},
		{host: "netlify", count: 30_000, size: 1e6},
	} {
		var files tree.Collector
		for i := range tt.count {
			files.Add(tree.Entry{Path: "x/" + strconv.Itoa(i) + ".json", Size: tt.size})
		}
		host, _ := hosting.Find(tt.host)
		err := host.Check(files.Manifest(tree.Release{}), tt.files)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s, %d files of %d bytes: %v, want %q", tt.host, tt.count, tt.size, err, tt.want)
		}
	}
}

// TestRules: what a host reads of its files is within its limits, and no placeholder begins
// with the name of another, which hosts would replace in it.
func TestRules(t *testing.T) {
	t.Parallel()
	if names := strings.Join(hosting.Names(), ","); names != config.Hosts {
		t.Errorf("the configuration knows %s, not %s", config.Hosts, names)
	}

	host, _ := hosting.Find("cloudflare")
	site, _ := publish(t, host, build.Options{CacheTag: "refapi"})
	for name, limit := range map[string]int{hosting.HeadersFile: host.HeaderRules,
		hosting.RedirectsFile: host.StaticRules + host.DynamicRules} {
		text, err := os.ReadFile(filepath.Join(site.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		rules := 0
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "/") {
				rules++
			}
			if len(line) > 1000 {
				t.Errorf("%s has a line of %d bytes", name, len(line))
			}
		}
		if rules < 10 || rules > limit {
			t.Errorf("%s has %d rules", name, rules)
		}
	}

	for _, r := range route.All() {
		for _, a := range r.Params() {
			for _, b := range r.Params() {
				if a != b && strings.HasPrefix(a, b) {
					t.Errorf("%s: :%s is in :%s", r.Pattern, b, a)
				}
			}
		}
	}
}
