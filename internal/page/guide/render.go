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

// book is all documents, which lead to each other.
type book struct {
	documents map[string]*document // by file name
	base      string
}

// html writes a document. Its links to other files become addresses of pages.
func (b book) html(name string) (template.HTML, error) {
	d := b.documents[name]
	if d == nil {
		return "", fmt.Errorf("the chapter %s is missing", name)
	}
	err := d.links(func(l *ast.Link) error {
		to, err := b.address(name, string(l.Destination))
		l.Destination = []byte(to)
		return err
	})
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := markdown().Renderer().Render(&out, d.source, d.root); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(out.String()), nil // goldmark escapes what is not Markdown
}

// address is where a link leads that stands in a file.
func (b book) address(in, link string) (string, error) {
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
		return "", fmt.Errorf("%s: the link %s leads out of the guide", in, link)
	case to.Fragment != "" && !d.has(to.Fragment):
		return "", fmt.Errorf("%s: the link %s leads to no heading", in, link)
	case to.Path == "":
		return link, nil
	}
	page := route.Guide.Path()
	if to.Path != contents {
		page = route.GuideChapter.Path(strings.TrimSuffix(to.Path, ".md"))
	}
	return b.base + (&url.URL{Path: page, Fragment: to.Fragment}).String(), nil
}

// blocks writes what may be wider than a phone, so that it scrolls by itself,
// with the keyboard, too.
type blocks struct{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (blocks) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindFencedCodeBlock, code)
	reg.Register(tables.KindTable, table)
}

// languageName is what people call a language of examples.
func languageName(short string) string {
	switch short {
	case "sh":
		return "Shell"
	case "python":
		return "Python"
	case "js":
		return "JavaScript"
	case "go":
		return "Go"
	case "json", "toml", "yaml":
		return strings.ToUpper(short)
	case "text":
		return "Output"
	}
	return cmp.Or(short, "Drawing")
}

func code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	short := string(n.(*ast.FencedCodeBlock).Language(source))
	_, err := fmt.Fprintf(w, "<pre tabindex=\"0\" role=\"group\" aria-label=\"%s\" data-language=\"%s\"><code>%s</code></pre>\n",
		template.HTMLEscapeString(languageName(short)), template.HTMLEscapeString(short), util.EscapeHTML(n.Lines().Value(source)))
	return ast.WalkSkipChildren, err
}

func table(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	text := "</table></div>\n"
	if entering {
		of, _ := n.AttributeString("label")
		text = fmt.Sprintf("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table>\n", template.HTMLEscapeString(fmt.Sprintf("%s", of)))
	}
	_, err := w.WriteString(text)
	return ast.WalkContinue, err
}
