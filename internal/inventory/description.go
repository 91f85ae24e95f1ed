package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// Descriptions of node types are Markdown, in a directory of the data directory.
const (
	descriptionsDir = "node_types"
	descriptionExt  = ".md"
	descriptionNote = "README" // a file about the directory
)

// maxDescription bounds a description, in bytes: pages show all of it.
const maxDescription = 16 << 10

// Description is what people say of a node type, in Markdown.
type Description struct {
	Type string
	Path string // of its file, below the root of the repository
	Text string
}

// IsSource reports whether a grid may depend on what a file says.
func IsSource(file string) bool {
	ext := path.Ext(file)
	return ext == ".json" || ext == descriptionExt && path.Base(path.Dir(file)) == descriptionsDir
}

// descriptions reads those of node types. Each fault is a warning: the hardware is
// complete without them.
func (l *loader) descriptions(dir string) {
	l.visitDir(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		name, isText := strings.CutSuffix(e.Name(), descriptionExt)
		switch {
		case e.IsDir() || !isText:
			l.reportMisplaced(p, e, "")
			return
		case name == descriptionNote:
			return
		}

		text, err := l.description(p)
		var bad *fileError
		switch {
		case errors.As(err, &bad):
			l.report(Diagnostic{Severity: Warning, Rule: bad.rule, File: p, Message: bad.why, Hint: bad.hint})
		case err != nil:
			l.fail(err)
		default:
			l.grid.Descriptions = append(l.grid.Descriptions, Description{name, p, text})
		}
	})
}

// description reads a description; a [*fileError] for one that is not shown.
func (l *loader) description(p string) (string, error) {
	text, err := Source(l.fsys, l.grid.Dir, p)
	switch {
	case err != nil:
		return "", err
	case len(text) > maxDescription:
		return "", &fileError{
			"description-too-long",
			fmt.Sprintf("the description has %d bytes, the limit is %d: it is not shown", len(text), maxDescription),
			"shorten it, and link to the rest",
		}
	case !utf8.Valid(text):
		return "", &fileError{"description-encoding", "the description is not UTF-8: it is not shown", "save it as UTF-8"}
	case strings.TrimSpace(string(text)) == "":
		return "", &fileError{"description-empty", "the description is empty", "write it, or remove the file"}
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}
