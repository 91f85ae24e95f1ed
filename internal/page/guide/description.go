package guide

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Description is a text from the reference repository.
type Description struct {
	Lead string // its first paragraph, without any markup
	HTML template.HTML
}

// Describe renders a description of something. Its authors do not own the site: HTML is
// left out, images are their text, and links lead to other sites only. Headings have no
// ids, which scripts could take for the page's.
func Describe(source, of string) (Description, error) {
	dialect := goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
			extension.Linkify,
		),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(
			util.Prioritized(foreign{}, 0), util.Prioritized(blocks{}, 1))),
	)

	d := &document{source: []byte(source)}
	d.root = dialect.Parser().Parse(text.NewReader(d.source))
	var made Description
	for n := d.root.FirstChild(); n != nil && made.Lead == ""; n = n.NextSibling() {
		if n.Kind() == ast.KindParagraph {
			made.Lead = d.text(n)
		}
	}
	labelTables(d.root, of)

	var out bytes.Buffer
	if err := dialect.Renderer().Render(&out, d.source, d.root); err != nil {
		return Description{}, fmt.Errorf("render the description of %s: %w", of, err)
	}
	made.HTML = template.HTML(out.String()) // goldmark escapes texts; foreign writes the rest
	return made, nil
}

// foreign writes what could be more than text.
type foreign struct{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (foreign) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHTMLBlock, nothing)
	reg.Register(ast.KindRawHTML, nothing)
	reg.Register(ast.KindImage, altText)
	reg.Register(ast.KindHeading, heading)
	reg.Register(ast.KindCodeBlock, indentedCode)
	reg.Register(ast.KindLink, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		l := n.(*ast.Link)
		return ast.WalkContinue, anchor(w, string(l.Destination), entering)
	})
	reg.Register(ast.KindAutoLink, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		l := n.(*ast.AutoLink)
		to := string(l.URL(source))
		if l.AutoLinkType == ast.AutoLinkEmail {
			to = "mailto:" + to
		}

		err := anchor(w, to, entering)
		if entering && err == nil {
			_, err = w.Write(util.EscapeHTML(l.Label(source)))
		}
		return ast.WalkContinue, err
	})
}

func nothing(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkSkipChildren, nil
}

func altText(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, err := w.Write(util.EscapeHTML([]byte((&document{source: source}).text(n))))
	return ast.WalkSkipChildren, err
}

// heading writes all headings below that of the section of the page.
func heading(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "</h3>\n"
	if entering {
		tag = "<h3>"
	}
	_, err := w.WriteString(tag)
	return ast.WalkContinue, err
}

func indentedCode(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, err := fmt.Fprintf(w, `<pre tabindex="0" role="group" aria-label="Example"><code>%s</code></pre>`+"\n",
		util.EscapeHTML(n.Lines().Value(source)))
	return ast.WalkSkipChildren, err
}

// anchor writes the start or the end of a link, if it is one to another site.
func anchor(w util.BufWriter, to string, entering bool) error {
	u, err := url.Parse(to)
	isWeb := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	if !isWeb && (err != nil || u.Scheme != "mailto") {
		return nil
	}

	tag := "</a>"
	if entering {
		tag = `<a rel="nofollow" href="` + template.HTMLEscapeString(u.String()) + `">`
	}
	_, err = w.WriteString(tag)
	return err
}
