package availhttp

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// column is a column of a table of nodes.
type column struct {
	name string
	row  int // of the properties, -1 for what depends on the time
}

// table is what a search found, as a table. Without columns that are wanted, each form has
// its own.
type table struct {
	*result
	wanted []column
}

// searchTable responds to a search with a table that a function writes.
func (h *Handler) searchTable(id route.ID, write func(dst *bytes.Buffer, t table)) handler {
	return checked(id, h.untilSync(cached(func(v *view, r *http.Request, _ []string, now time.Time) answer {
		s, values, refusal := newSearch(id, r, now)
		if refusal != nil {
			return *refusal
		}

		found := v.find(s, availability.At(now))
		var body bytes.Buffer
		write(&body, table{found, columnsOf(values.Texts("columns"))})
		return answer{
			content: newContent(body.Bytes()), mediaType: id.Get().MediaType(),
			lastModified: v.lastModified, until: found.until,
		}
	})))
}

// columnsOf returns the columns with some names; others are left out, and so is one that
// is there already.
func columnsOf(names []string) (all []column) {
	properties := hardware.Properties()
	for i, name := range names {
		row := slices.IndexFunc(properties, func(p hardware.Property) bool { return p.ColumnName() == name })
		known := row >= 0 || name == route.AvailabilityColumn || name == route.UntilColumn
		if known && !slices.Contains(names[:i], name) {
			all = append(all, column{name, row})
		}
	}
	return all
}

// columns returns the columns that are wanted, by default those of the properties that a
// function selects, and then the time's.
func (t table) columns(selected func(*hardware.Property) bool) []column {
	if len(t.wanted) > 0 {
		return t.wanted
	}

	var names []string
	properties := hardware.Properties()
	for i := range properties {
		if selected(&properties[i]) {
			names = append(names, properties[i].ColumnName())
		}
	}
	return columnsOf(append(names, route.AvailabilityColumn, route.UntilColumn))
}

// cell returns the text of a cell: of a property by a function, else what depends on the
// time.
func (t table) cell(c column, m match, text func(*hardware.Property, hardware.Fact) string) string {
	switch {
	case c.row >= 0:
		return text(&hardware.Properties()[c.row], t.view.release.Nodes[m.node].Facts[c.row])
	case c.name == route.AvailabilityColumn:
		return string(m.state)
	case m.until == availability.Forever:
		return ""
	}
	return string(api.AppendTime(nil, m.until.Std()))
}

// writeCSV writes comma-separated values (RFC 4180), with the cells of nodes.csv.
func writeCSV(dst *bytes.Buffer, t table) {
	columns := t.columns(func(p *hardware.Property) bool { return p.CSV != "" })
	w := csv.NewWriter(dst)
	w.UseCRLF = true

	var line []string
	for _, c := range columns {
		line = append(line, c.name)
	}
	_ = w.Write(line) // a buffer takes all

	for _, m := range t.page {
		line = line[:0]
		for _, c := range columns {
			line = append(line, t.cell(c, m, (*hardware.Property).Cell))
		}
		_ = w.Write(line)
	}
	w.Flush()
}

// writeLines writes each node as JSON on a line of its own: as in a search, or with the
// columns that are wanted.
func writeLines(dst *bytes.Buffer, t table) {
	for _, m := range t.page {
		if len(t.wanted) == 0 {
			dst.Write(t.appendItem(dst.AvailableBuffer(), m))
			dst.WriteByte('\n')
			continue
		}

		var b rawjson.Builder
		b.BeginObject()
		for _, c := range t.wanted {
			b.Key(c.name)
			b.Raw(api.Encode(t.value(c, m)))
		}
		b.EndObject()
		dst.Write(append(b.Bytes(), '\n'))
	}
}

// value returns the value of a cell as JSON has it.
func (t table) value(c column, m match) any {
	if c.row >= 0 {
		return hardware.Properties()[c.row].JSON(t.view.release.Nodes[m.node].Facts[c.row])
	}
	if text := t.cell(c, m, nil); text != "" {
		return text
	}
	return nil
}

// writeMarkdown writes a table in Markdown, for people: by default with the columns of the
// hardware browser's list.
func writeMarkdown(dst *bytes.Buffer, t table) {
	columns := t.columns(func(p *hardware.Property) bool { return p.List > 0 || p.Name == "node_name" })
	line := func(cell func(c column) string) {
		for _, c := range columns {
			dst.WriteString("| " + cell(c) + " ")
		}
		dst.WriteString("|\n")
	}

	line(func(c column) string {
		if c.row < 0 {
			return c.name
		}
		return cmp.Or(hardware.Properties()[c.row].Title, c.name)
	})
	line(func(column) string { return "---" })
	for _, m := range t.page {
		line(func(c column) string { return escapeMarkdown(t.cell(c, m, (*hardware.Property).Display)) })
	}
}

// escapeMarkdown takes away the meaning of a text's characters in a cell of Markdown.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune("\\`*[]<>|&", r):
			b.WriteByte('\\')
		case unicode.IsControl(r):
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}
