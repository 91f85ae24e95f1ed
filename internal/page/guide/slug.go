package guide

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// slugs makes the ids of a document's headings as GitHub does, so that links
// work there and here.
type slugs map[string]bool

// Generate implements [github.com/yuin/goldmark/parser.IDs].
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

// Put implements [github.com/yuin/goldmark/parser.IDs].
func (s slugs) Put(id []byte) { s[string(id)] = true }
