package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func (l *loader) fail(err error) {
	if l.err == nil {
		l.err = fmt.Errorf("read data directory: %w", err)
	}
}

// visitDir visits a directory's entries, sorted bytewise. Entries with invalid or
// colliding names are reported and skipped.
func (l *loader) visitDir(dir string, visit func(fs.DirEntry)) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		l.fail(err)
		return
	}

	names := map[string]string{} // by their folded names
	for _, e := range entries {
		name, p := e.Name(), path.Join(dir, e.Name())
		if !utf8.ValidString(name) {
			l.report(Diagnostic{Severity: Error, Rule: "unsafe-name", File: p,
				Message: fmt.Sprintf("the name %q is not valid UTF-8", name), Hint: "rename it"})
			continue
		}

		if folded := fold(name); e.IsDir() || strings.HasSuffix(folded, ".json") {
			if other, ok := names[folded]; ok {
				l.report(collision(p, other))
				continue
			}
			names[folded] = name
		}

		if e.IsDir() && isSubmodule(l.fsys, p) {
			l.submodule(p)
			continue
		}

		visit(e)
	}
}

// fold maps names to the same text if some file system treats them as equal: APFS and
// HFS+ ignore Unicode normalization, they and NTFS ignore case, and APFS uses full
// case folding (ß is ss).
func fold(name string) string {
	return norm.NFD.String(cases.Fold().String(norm.NFD.String(name)))
}

// collision describes a name that some file systems do not distinguish from another.
func collision(p, other string) Diagnostic {
	name := path.Base(p)
	d := Diagnostic{Severity: Error, Rule: "case-collision", File: p,
		Message: fmt.Sprintf("the name differs from %q only in case", other),
		Hint:    "rename one: on file systems that ignore case one replaces the other"}

	if norm.NFC.String(name) == norm.NFC.String(other) {
		d.Rule = "unicode-collision"
		d.Message = fmt.Sprintf("the name %+q is %+q in another form of Unicode (NFC and NFD): both look the same",
			name, other)
		d.Hint = "rename one: on macOS one replaces the other; NFC is what keyboards write"
	}

	return d
}

// reportMisplaced reports JSON files where no resources are expected.
func (l *loader) reportMisplaced(p string, e fs.DirEntry, advice string) {
	if e.IsDir() {
		l.visitDir(p, func(e fs.DirEntry) { l.reportMisplaced(path.Join(p, e.Name()), e, "") })
		return
	}
	if e.Type()&fs.ModeSymlink != 0 {
		// Otherwise a link to a directory would be skipped silently.
		var bad *fileError
		if _, err := Source(l.fsys, l.grid.Dir, p); errors.As(err, &bad) && bad.rule == ruleLink {
			l.report(Diagnostic{Severity: Error, Rule: bad.rule, File: p, Message: bad.why, Hint: bad.hint})
			return
		}
	}

	if strings.HasSuffix(e.Name(), ".json") {
		l.report(Diagnostic{Severity: Warning, Rule: "misplaced-file", File: p,
			Message: "the file is misplaced and is not served", Hint: advice})
	}
}
