package page_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// What pages may weigh with all that they load, compressed, in bytes. Swagger UI
// is another project's, and heavier.
const (
	heaviest     = 100_000
	heaviestList = 200_000
	heaviestText = 80_000 // of the guide, which is read when somebody searches it
	heaviestCSS  = 44_000 // as it is written: a fifth of it is sent
)

// scales weigh what a browser is sent of a tree.
type scales struct {
	site  treetest.Site
	known map[string]int64
}

// file is a file's size in the form that a browser gets.
func (s scales) file(t *testing.T, name string) int64 {
	t.Helper()
	if size, ok := s.known[name]; ok {
		return size
	}

	full := s.site.Path(name)
	for _, suffix := range []string{tree.BrotliSuffix, tree.GzipSuffix, ""} {
		info, err := os.Stat(full + suffix)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}

		s.known[name] = info.Size()
		break
	}

	return s.known[name]
}

var imported = regexp.MustCompile(`from "\./([^"]+)"`)

// imports are the modules that a script loads.
func (s scales) imports(t *testing.T, script string) (files []string) {
	t.Helper()
	body, err := os.ReadFile(s.site.Path(script))
	if err != nil {
		t.Fatal(err)
	}

	for _, m := range imported.FindAllSubmatch(body, -1) {
		files = append(files, path.Join(path.Dir(script), string(m[1])))
	}

	return files
}

// page is the size of a page with all modules and styles and the file that its
// script reads. Links lead elsewhere and weigh nothing, and what a form searches comes with
// the first letter.
func (s scales) page(t *testing.T, name string) int64 {
	t.Helper()
	body, err := os.ReadFile(s.site.Path(name))
	if err != nil {
		t.Fatal(err)
	}

	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}

	loaded := map[string]bool{name: true}
	var load func(file string)
	load = func(file string) {
		if loaded[file] = true; path.Ext(file) != ".js" {
			return
		}
		for _, imported := range s.imports(t, file) {
			load(imported)
		}
	}

	for e := range root.Descendants() {
		for _, a := range e.Attr {
			isLoaded := a.Key == "src" || a.Key == "data-index" && e.Data != "form" || a.Key == "data-openapi" ||
				a.Key == "data-snippets" || e.Data == "link" && a.Key == "href" && attribute(e, "rel") != "alternate"
			if file := route.Target("", a.Val); isLoaded && file != "" && !strings.HasSuffix(file, ".html") {
				load(file)
			}
		}
	}

	total := int64(0)
	for file := range loaded {
		total += s.file(t, file)
	}

	return total
}

// On the real repository, with its flavors, no page is heavy. With a phone's connection the log says
// when something is to be seen first.
func TestRealWeightInABrowser(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.RealFlavors(t, "../..")
	if !ok {
		return
	}
	s := treetest.Publish(t, repo, build.Options{})
	weigh(t, s)
	paint(t, demonstrate(t, s))
}

func weigh(t *testing.T, s treetest.Site) {
	t.Helper()
	scales := scales{s, map[string]int64{}}
	worst := map[string]int64{}
	for _, file := range s.Paths(t) {
		if ok, _ := path.Match("assets/guide.*.json", file); ok && scales.file(t, file) > heaviestText {
			t.Errorf("the index of the guide weighs %d bytes, want at most %d", scales.file(t, file), heaviestText)
		}

		name, isPage := strings.CutSuffix(file, "/index.html")
		if !isPage {
			continue
		}

		limit := int64(heaviest)
		if "/"+name == route.HardwareNodes.Path() {
			limit = heaviestList
		}

		weight := scales.page(t, file)
		if weight > limit && "/"+name != route.Docs.Path() {
			t.Errorf("/%s weighs %d bytes, want at most %d", name, weight, limit)
		}

		for _, p := range patterns() {
			if matches(p, "/"+name) {
				worst[p] = max(worst[p], weight)
			}
		}
	}

	for _, p := range patterns() {
		t.Logf("%6d bytes %s", worst[p], p)
	}
}

func paint(t *testing.T, s testbed) {
	t.Helper()
	const bits, latency = 1.6e6, 150 * time.Millisecond
	const ever = 10 * time.Second // others share the machine: the log says how long it is
	b := browsertest.Start(t)
	b.Device(360, 844, false)
	b.Slow(bits, latency)

	for _, k := range kinds(t, s.Site) {
		b.Do(chromedp.Navigate(s.URL + k.Path))
		paint := b.FirstPaint()
		b.Settle()
		t.Logf("%5d ms %s", paint.Milliseconds(), k.Path)
		if paint > ever && k.Path != route.Docs.Path() {
			t.Errorf("%s shows nothing for %v, want at most %v", k.Path, paint, ever)
		}
	}
}

// The site's own styles are few.
func TestOwnStyles(t *testing.T) {
	t.Parallel()
	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}

	total := 0
	for _, a := range assets {
		if strings.HasSuffix(a.Name, ".css") && a.Name != "swagger-ui.css" {
			total += len(a.Body)
		}
	}

	if t.Logf("%d bytes", total); total == 0 || total > heaviestCSS {
		t.Errorf("the site's own styles are %d bytes, want at most %d", total, heaviestCSS)
	}
}
