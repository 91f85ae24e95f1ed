package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (l *loader) fail(err error) {
	if l.err == nil {
		l.err = fmt.Errorf("read data directory: %w", err)
	}
}

// each visits a directory's entries by name, bytewise. Those whose names
// cannot be are reported and left out.
func (l *loader) each(dir string, visit func(fs.DirEntry)) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		l.fail(err)
		return
	}
	folded := map[string]string{}
	for _, e := range entries {
		name, p := e.Name(), path.Join(dir, e.Name())
		if !utf8.ValidString(name) {
			l.report(Diagnostic{Severity: Error, Rule: "unsafe-name", File: p,
				Message: fmt.Sprintf("the name %q is not valid UTF-8", name), Hint: "rename it"})
			continue
		}
		if e.IsDir() || strings.HasSuffix(fold(name), fold(".json")) {
			if other, ok := folded[fold(name)]; ok {
				l.report(Diagnostic{Severity: Error, Rule: "case-collision", File: p,
					Message: fmt.Sprintf("the name differs from %q only in case", other),
					Hint:    "rename one: on file systems that ignore case one replaces the other"})
				continue
			}
			folded[fold(name)] = name
		}
		visit(e)
	}
}

// fold makes names equal that differ only in case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}

// stray reports JSON files where none are looked for.
func (l *loader) stray(p string, e fs.DirEntry, advice string) {
	if e.IsDir() {
		l.each(p, func(e fs.DirEntry) { l.stray(path.Join(p, e.Name()), e, "") })
		return
	}
	if e.Type()&fs.ModeSymlink != 0 {
		// A link to a directory would be passed over in silence.
		var bad *fileError
		if _, err := readRegular(l.fsys, l.dir, p); errors.As(err, &bad) && bad.rule == ruleLink {
			l.report(Diagnostic{Severity: Error, Rule: bad.rule, File: p, Message: bad.why, Hint: bad.hint})
			return
		}
	}
	if strings.HasSuffix(e.Name(), ".json") {
		l.report(Diagnostic{Severity: Warning, Rule: "misplaced-file", File: p,
			Message: "the file is at a wrong level and is not served", Hint: advice})
	}
}
