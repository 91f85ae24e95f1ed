package guide

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"github.com/chameleoncloud/refapi/internal/route"
)

// book is all documents, which link to each other.
type book struct {
	documents map[string]*document // by file name
	base      string
}

// render writes a document as HTML. Its links to other files become those to
// their pages.
func (b book) render(name string) (text Text, err error) {
	d := b.documents[name]
	if d == nil {
		return Text{}, fmt.Errorf("the chapter %s is missing", name)
	}

	err = d.links(func(l *ast.Link) error {
		to, err := b.resolve(name, string(l.Destination))
		l.Destination = []byte(to)
		text.Links = append(text.Links, to)
		return err
	})
	if err != nil {
		return Text{}, err
	}

	var out bytes.Buffer
	if err := markdown().Renderer().Render(&out, d.source, d.root); err != nil {
		return Text{}, fmt.Errorf("render %s: %w", name, err)
	}

	text.HTML = template.HTML(out.String()) // goldmark escapes what is not Markdown
	return text, nil
}

// resolve returns the URL for a link in a file: that of another site, or the
// path of a page.
func (b book) resolve(in, link string) (string, error) {
	to, err := url.Parse(link)
	if err != nil {
		return "", fmt.Errorf("%s: the link %s: %w", in, link, err)
	}
	if to.Scheme == "https" {
		return link, nil
	}

	d, ok := b.documents[cmp.Or(to.Path, in)]
	switch {
	case !ok || to.Scheme != "":
		return "", fmt.Errorf("%s: the link %s points out of the guide", in, link)
	case to.Fragment != "" && !d.has(to.Fragment):
		return "", fmt.Errorf("%s: the link %s points to no heading", in, link)
	case to.Path == "":
		return link, nil
	}

	page := route.Guide.Path()
	if to.Path != contents {
		page = route.GuideChapter.Path(strings.TrimSuffix(to.Path, ".md"))
	}

	return b.base + (&url.URL{Path: page, Fragment: to.Fragment}).String(), nil
}

// blocks writes what may be wider than a phone, so that it scrolls on its own,
// with the keyboard, too.
type blocks struct{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (blocks) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindFencedCodeBlock, code)
	reg.Register(tables.KindTable, table)
}

// languages are the full names of the languages of examples.
var languages = map[string]string{
	"sh": "Shell", "python": "Python", "js": "JavaScript", "ts": "TypeScript", "go": "Go",
	"json": "JSON", "toml": "TOML", "yaml": "YAML", "promql": "PromQL", "text": "Output",
}

func code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}

	short := string(n.(*ast.FencedCodeBlock).Language(source))
	_, err := fmt.Fprintf(w,
		`<pre tabindex="0" role="group" aria-label="%s" data-language="%s"><code>%s</code></pre>`+"\n",
		template.HTMLEscapeString(cmp.Or(languages[short], short, "Drawing")), template.HTMLEscapeString(short),
		util.EscapeHTML(n.Lines().Value(source)))

	return ast.WalkSkipChildren, err
}

func table(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	text := "</table></div>\n"
	if entering {
		section, _ := n.AttributeString("label")
		label := template.HTMLEscapeString(fmt.Sprintf("%s", section))
		text = fmt.Sprintf(`<div class="scroll" tabindex="0" role="group" aria-label="%s"><table>`+"\n", label)
	}
	_, err := w.WriteString(text)
	return ast.WalkContinue, err
}
