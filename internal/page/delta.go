package page

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// countRows is how many operations of a delta are shown.
func countRows(d *change.Delta) int { return min(len(d.Reading()), maxRows) }

// deltaKey is the key of a rendered difference, of a kind of resource.
type deltaKey struct {
	number int
	kind   route.KindID
}

// delta renders a difference: many resources have the same, and several pages show it.
// What is only written in another form is apart.
func (c *Changes) delta(d *change.Delta, kind route.KindID) (template.HTML, error) {
	return c.hardware.once(deltaKey{d.Number, kind}, "hardware-delta", func() any {
		var rows, spellings bytes.Buffer
		ops, spelled := d.Reading(), 0
		for i := range countRows(d) {
			if ops[i].About(kind) == change.AboutSpelling {
				spelled++
				appendRow(&spellings, &ops[i])
			} else {
				appendRow(&rows, &ops[i])
			}
		}

		return struct {
			Rows, Spellings template.HTML // appendRow escapes
			Spelled, More   int
		}{template.HTML(rows.String()), template.HTML(spellings.String()), spelled, len(ops) - countRows(d)}
	})
}

// appendRow writes a row of a table: a field with its values before and after. A
// history has tens of thousands of rows, for which a template would take most of the
// time.
func appendRow(out *bytes.Buffer, op *change.Op) {
	path := op.Path()
	out.WriteString(`<tr><th scope="row">`)
	template.HTMLEscape(out, []byte(fieldTitle(path)))
	out.WriteString("</th>")
	if op.Kind() == change.OpOrder {
		out.WriteString(`<td colspan="2">in another order</td></tr>` + "\n")
		return
	}

	cell := func(text, before, after string) {
		out.WriteString("<td>")
		if text == "" {
			out.WriteString("–")
		} else {
			out.WriteString(before)
			template.HTMLEscape(out, []byte(text))
			out.WriteString(after)
		}
		out.WriteString("</td>")
	}

	old, value := displayChange(path, op)
	cell(old, "<del>", "</del>")
	cell(value, "<ins>", "</ins>")
	out.WriteString("</tr>\n")
}

// displayChange writes both values of an operation, "" for none. Two that look the same
// are told apart as JSON, such as a number that became a text: 11, "11".
func displayChange(path []string, op *change.Op) (old, value string) {
	if op.Old != nil {
		old = displayValue(path, hardware.Parse(op.Old))
	}
	if op.New != nil {
		value = displayValue(path, hardware.Parse(op.New))
	}
	if old == value && len(op.Old)+len(op.New) <= maxValueBytes {
		return string(op.Old), string(op.New)
	}
	return old, value
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
			b.WriteString(" › " + memberTitle(path[0], token))
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
