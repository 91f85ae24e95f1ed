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

// delta is how a file became another, as people read it.
type delta struct {
	HTML template.HTML
	Rows int
}

// fieldChange is a field with its texts; "" where there is nothing.
type fieldChange struct{ Field, Before, After string }

// write writes a row of a table. A history has tens of thousands of rows, for
// which a template would take most of the time.
func (f fieldChange) write(out *bytes.Buffer) {
	cell := func(before, text, after string) {
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
	out.WriteString(`<tr><th scope="row">`)
	template.HTMLEscape(out, []byte(f.Field))
	out.WriteString("</th>")
	cell("<del>", f.Before, "</del>")
	cell("<ins>", f.After, "</ins>")
	out.WriteString("</tr>\n")
}

// deltas renders differences. Many nodes have the same one, and one stands on
// several pages: each is rendered once.
type deltas struct {
	r     *Renderer
	known map[*change.Delta]delta
}

func (d *deltas) render(of *change.Delta) (delta, error) {
	if known, ok := d.known[of]; ok {
		return known, nil
	}
	rows := fieldChanges(of)
	shown := rows[:min(len(rows), mostRows)]
	var table bytes.Buffer
	for _, row := range shown {
		row.write(&table)
	}
	body, err := d.r.render("hardware-delta", struct {
		Rows template.HTML
		More int
	}{template.HTML(table.String()), len(rows) - len(shown)})
	if err != nil {
		return delta{}, err
	}
	out := delta{template.HTML(body), len(shown)} // html/template has made it
	if len(d.known) < maxRendered {
		d.known[of] = out
	}
	return out, nil
}

// fieldChanges describes operations.
func fieldChanges(of *change.Delta) []fieldChange {
	rows := make([]fieldChange, len(of.Ops))
	for i := range of.Ops {
		op := &of.Ops[i]
		path := op.Path()
		rows[i].Field = field(path)
		if op.Old != nil {
			rows[i].Before = displayValue(path, hardware.Parse(op.Old))
		}
		if op.New != nil {
			rows[i].After = displayValue(path, hardware.Parse(op.New))
		}
	}
	return rows
}

// field names the place that a pointer leads to: "Network adapters 2 › Rate".
func field(tokens []string) string {
	var b strings.Builder
	for i, token := range tokens {
		n, err := strconv.Atoi(token)
		switch {
		case i > 0 && err == nil && n >= 0:
			b.WriteString(" " + strconv.Itoa(n+1))
		case i > 0:
			b.WriteString(" › " + title(token))
		default:
			b.WriteString(title(token))
		}
	}
	return clipped(b.String())
}

// longest is how many bytes of a value are shown: all of it is in the API.
const longest = 400

// displayValue writes a value with its unit. What seems to be nothing is named.
func displayValue(tokens []string, v hardware.Value) string {
	t := text(tokens[0], tokens[len(tokens)-1], v)
	if v.Kind == hardware.Object {
		var parts []string
		for _, f := range facts(tokens[0], "", v) {
			parts = append(parts, f.Name+": "+f.Text)
		}
		t = strings.Join(parts, "; ")
	}
	switch {
	case t != "":
	case v.Text == "":
		t = "empty"
	default:
		t = v.Text
	}
	return clipped(t)
}

func clipped(t string) string {
	if len(t) <= longest {
		return t
	}
	end := longest
	for !utf8.RuneStart(t[end]) {
		end--
	}
	return t[:end] + "…"
}
