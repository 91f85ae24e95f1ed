package page

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
)

// countRows is how many operations of a delta are shown.
func countRows(d *change.Delta) int { return min(len(d.Ops), maxRows) }

// deltaNumber is the key of a rendered difference.
type deltaNumber int

// delta renders a difference: many resources have the same, and several pages show it.
func (c *Changes) delta(d *change.Delta) (template.HTML, error) {
	return c.hardware.once(deltaNumber(d.Number), "hardware-delta", func() any {
		var table bytes.Buffer
		for i := range countRows(d) {
			appendRow(&table, &d.Ops[i])
		}

		return struct {
			Rows template.HTML
			More int
		}{template.HTML(table.String()), len(d.Ops) - countRows(d)} // appendRow escapes
	})
}

// appendRow writes a row of a table: a field with its values before and after. A
// history has tens of thousands of rows, for which a template would take most of the
// time.
func appendRow(out *bytes.Buffer, op *change.Op) {
	path := op.Path()
	cell := func(value []byte, before, after string) {
		out.WriteString("<td>")
		if value == nil {
			out.WriteString("–")
		} else {
			out.WriteString(before)
			template.HTMLEscape(out, []byte(displayValue(path, hardware.Parse(value))))
			out.WriteString(after)
		}

		out.WriteString("</td>")
	}

	out.WriteString(`<tr><th scope="row">`)
	template.HTMLEscape(out, []byte(fieldTitle(path)))
	out.WriteString("</th>")
	cell(op.Old, "<del>", "</del>")
	cell(op.New, "<ins>", "</ins>")
	out.WriteString("</tr>\n")
}

// fieldTitle names the place that a pointer points to: "Network adapters 2 ›
// Rate".
func fieldTitle(path []string) string {
	var b strings.Builder
	for i, token := range path {
		n, err := strconv.Atoi(token)
		switch {
		case i == 0:
			b.WriteString(title(token))
		case err == nil && n >= 0:
			b.WriteString(" " + strconv.Itoa(n+1))
		default:
			b.WriteString(" › " + title(token))
		}
	}

	return clip(b.String())
}

// displayValue writes a value with its unit. What would show as nothing is
// named.
func displayValue(path []string, v hardware.Value) string {
	t := text(path[0], path[len(path)-1], v)
	if v.Kind == hardware.Object {
		var parts []string
		for _, f := range facts(path[0], "", v) {
			parts = append(parts, f.Name+": "+f.Text)
		}
		t = strings.Join(parts, "; ")
	}

	if t == "" {
		t = v.Text
	}
	if t == "" {
		t = "empty"
	}

	return clip(t)
}

// maxValueBytes is how many bytes of a value are shown: all of it is in the API.
const maxValueBytes = 400

// clip cuts a long text.
func clip(text string) string {
	if len(text) <= maxValueBytes {
		return text
	}
	end := maxValueBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
