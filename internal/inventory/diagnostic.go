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
	Rule     string // stable name, such as "uid-mismatch"
	File     string // slash-separated, below the root of the repository
	Line     int    // 1-based; 0 for the complete file or directory
	Col      int
	Commit   string // full hash, for a finding about a commit
	Pointer  string // RFC 6901 pointer to the value, "" for the complete file
	Resource string // path of the resource in the API, "" for none
	Message  string // lower case, no period
	Hint     string // what to do about it, "" if that is obvious
}

// Place returns the file, with line and column if they are known, or the commit. A
// name with control or direction characters is quoted, for the terminal's sake.
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

// Count returns the numbers of errors and warnings.
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
