package worktree

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// eol is how line ends of a file are treated on their way into the repository.
type eol int

const (
	asIs      eol = iota
	text          // CRLF becomes LF
	automatic     // the same where the file looks like text, and has LF in the index
)

// eolOf decides as git does, by the attributes and then by core.autocrlf
// (gitattributes(5)).
func (w *workTree) eolOf(a attributes) eol {
	attr := a["text"]
	if attr == "" {
		attr = a["crlf"] // the older name
	}

	switch attr {
	case unset:
		return asIs
	case set, "input":
		return text
	case "auto":
		return automatic
	}

	if e := a["eol"]; e == "lf" || e == "crlf" {
		return text
	}
	if value := strings.ToLower(w.settings["core.autocrlf"]); value == "input" || parseBool(value) {
		return automatic
	}

	return asIs
}

var ident = regexp.MustCompile(`\$Id:[^$\n]*\$`)

// clean converts content on disk to what git would store in the repository.
func (w *workTree) clean(name string, data []byte, a attributes) ([]byte, error) {
	if driver := a["filter"]; driver != "" && driver != set && driver != unset {
		if w.settings["filter."+driver+".clean"] != "" || w.settings["filter."+driver+".process"] != "" {
			return nil, hint.Wrap(fmt.Errorf("git stores it as the filter %q writes it, and filters are not run here", driver),
				"store reference files in git unchanged: take them out of .gitattributes, then `git add --renormalize .`")
		}
	}

	if encoding := a["working-tree-encoding"]; encoding != "" && encoding != set && encoding != unset {
		var err error
		if data, err = decode(data, encoding); err != nil {
			return nil, err
		}
	}

	switch w.eolOf(a) {
	case text:
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	case automatic:
		if bytes.IndexByte(data, '\r') >= 0 && !looksBinary(data) && !w.crlfInIndex(name) {
			data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		}
	}

	if a["ident"] == set {
		data = ident.ReplaceAll(data, []byte("$$Id$$"))
	}

	return data, nil
}

// looksBinary guesses as git does: a NUL, a carriage return alone, or more than one
// in 128 characters that are not printed.
func looksBinary(data []byte) bool {
	printed, others := 0, 0
	for i, c := range data {
		switch {
		case c == '\r':
			if i+1 == len(data) || data[i+1] != '\n' {
				return true
			}

		case c == 0:
			return true
		case c == '\n':
			continue
		case c == '\b', c == '\t', c == '\f', c == 0x1b:
			printed++
		case c < ' ', c == 0x7f:
			others++
		default:
			printed++
		}
	}

	if len(data) > 0 && data[len(data)-1] == 0x1a { // the end of a file of DOS
		others--
	}

	return printed/128 < others
}

// crlfInIndex reports whether the index has the file with CRLF. Git does not
// change the line ends of such files on its own.
func (w *workTree) crlfInIndex(name string) bool {
	e, ok := w.tracked[name]
	if !ok || e.conflict {
		return false
	}
	data, ok, err := w.repo.Blob(e.hash, maxBlob)
	return err == nil && ok && bytes.Contains(data, []byte("\r\n")) && !looksBinary(data)
}

// decode turns a file's own encoding to UTF-8.
func decode(data []byte, name string) ([]byte, error) {
	switch strings.ToUpper(name) {
	case "UTF-8", "UTF8":
		return data, nil
	case "UTF-16", "UTF-16LE-BOM", "UTF-16BE-BOM":
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	}

	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("its working-tree-encoding %q is unknown", name)
	}

	return enc.NewDecoder().Bytes(data)
}
