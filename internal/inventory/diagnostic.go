package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Severity grades a diagnostic.
type Severity int

// The severities: an error stops a build, a warning does not.
const (
	Warning Severity = iota
	Error
)

// String returns the severity in lower case.
func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// Diagnostic is an error or a warning about a file, or about a commit.
type Diagnostic struct {
	Severity Severity
	Rule     string // stable name, as "uid-mismatch"
	File     string // slash-separated, below the root of the repository
	Line     int    // 1-based; 0 where the complete file or directory is meant
	Col      int
	Commit   string // full hash, of a finding about a commit and no file
	Pointer  string // RFC 6901 pointer of the value at fault, "" for the complete file
	Resource string // path of the resource in the API, "" where there is none
	Message  string // lower case, no period
	Hint     string // what to do about it, "" where that is plain
}

// Place is the file with line and column, as far as they are known, or the
// commit. A name that would play tricks on a terminal is quoted.
func (d Diagnostic) Place() string {
	if d.Commit != "" {
		return fmt.Sprintf("commit %.12s", d.Commit)
	}

	file := d.File
	if !utf8.ValidString(file) || strings.ContainsFunc(file, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		file = strconv.QuoteToGraphic(file)
	}

	if d.Line == 0 {
		return file
	}

	return fmt.Sprintf("%s:%d:%d", file, d.Line, d.Col)
}

// Diagnostics is a list of findings.
type Diagnostics []Diagnostic

// Count returns how many errors and warnings there are.
func (ds Diagnostics) Count() (errors, warnings int) {
	for _, d := range ds {
		if d.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// Sort orders by severity, errors first, then by place and rule.
func (ds Diagnostics) Sort() {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			-cmp.Compare(a.Severity, b.Severity),
			strings.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col),
			strings.Compare(a.Rule, b.Rule),
		)
	})
}
