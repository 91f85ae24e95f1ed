package guide

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown reads and writes the guide's dialect: CommonMark with tables, bare
// URLs that are links, and headings that have ids.
func markdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			// Alignment would need styles, which the content policy forbids.
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
			extension.Linkify,
		),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, 0))),
	)
}

// document is one file of the guide.
type document struct {
	source   []byte
	root     ast.Node
	title    string
	sections []Section
}

// parse reads a file, which begins with its title.
func parse(source []byte) (*document, error) {
	d := &document{source: source}
	ids := parser.NewContext(parser.WithIDs(slugs{}))
	d.root = markdown().Parser().Parse(text.NewReader(source), parser.WithContext(ids))

	first, ok := d.root.FirstChild().(*ast.Heading)
	if !ok || first.Level != 1 {
		return nil, fmt.Errorf("it does not begin with a title")
	}

	d.title = d.text(first)
	d.root.RemoveChild(d.root, first) // the page has it

	d.sections = []Section{{Title: d.title, Level: 1}}
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			id, _ := h.AttributeString("id")
			slug, _ := id.([]byte) // the parser gives every heading one
			d.sections = append(d.sections, Section{ID: string(slug), Title: d.text(h), Level: h.Level})
			continue
		}

		current := &d.sections[len(d.sections)-1]
		current.Text = strings.TrimSpace(current.Text + " " + d.text(n))
		labelTables(n, current.Title)
	}

	return d, nil
}

// text is the visible text of a node, on one line.
func (d *document) text(n ast.Node) string {
	var b strings.Builder

	// The walk ends without an error, as its function does.
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Value(d.source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
			return ast.WalkContinue, nil
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(d.source))
			}
			return ast.WalkContinue, nil
		}

		if n.Type() == ast.TypeBlock {
			if entering && n.IsRaw() {
				b.Write(n.Lines().Value(d.source))
			}
			b.WriteByte(' ') // cells and items are not one word
		}

		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// labelTables gives tables the name of their section, and their columns a scope.
func labelTables(n ast.Node, of string) {
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch {
		case n.Kind() == tables.KindTable:
			n.SetAttributeString("label", []byte(of))
		case n.Kind() == tables.KindTableCell && n.Parent().Kind() == tables.KindTableHeader:
			n.SetAttributeString("scope", []byte("col"))
		}
		return ast.WalkContinue, nil
	})
}

// links yields the document's links but for bare URLs.
func (d *document) links(yield func(*ast.Link) error) error {
	return ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && entering {
			return ast.WalkContinue, yield(l)
		}
		return ast.WalkContinue, nil
	})
}

// chapters are the files that a document links to, in its order.
func (d *document) chapters() (names []string) {
	_ = d.links(func(l *ast.Link) error {
		if name := string(l.Destination); strings.HasSuffix(name, ".md") && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return nil
	})
	return names
}

// has reports whether a heading has an id.
func (d *document) has(id string) bool {
	return slices.ContainsFunc(d.sections, func(s Section) bool { return s.ID == id })
}

// slugs makes the ids of a document's headings as GitHub does, so that links
// work there and here.
type slugs map[string]bool

// Generate implements [parser.IDs].
func (s slugs) Generate(heading []byte, _ ast.NodeKind) []byte {
	slug := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(string(heading)))

	id := slug
	for i := 1; s[id]; i++ {
		id = fmt.Sprintf("%s-%d", slug, i)
	}

	s[id] = true
	return []byte(id)
}

// Put implements [parser.IDs].
func (s slugs) Put(id []byte) { s[string(id)] = true }
