package hardware

import (
	"cmp"
	"slices"
	"strings"
)

// ColumnName returns the name of the property's column in tables of nodes: that in
// nodes.csv, if it is there.
func (p *Property) ColumnName() string { return cmp.Or(p.CSV, p.Name) }

// Cell returns the value in a table of comma-separated values.
func (p *Property) Cell(f Fact) string { return EscapeFormula(p.String(f)) }

// EscapeFormula keeps a spreadsheet from evaluating a cell.
func EscapeFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// JSON returns the value as JSON has it: a number, a boolean, a list of texts of a set, or
// a text; nil for what a file does not state.
func (p *Property) JSON(f Fact) any {
	switch {
	case !p.IsStated(f):
		return nil
	case p.Kind == KindFlag:
		return f.Number > 0
	case p.Kind.IsNumber():
		return f.Number
	case p.Kind == KindSet:
		return slices.Clone(f.Texts)
	}
	return f.Text()
}
